"""Writes small recordings for tests: pictures at chosen times, sound at a chosen offset."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

MILLISECONDS = Fraction(1, 1000)
SOUND_RATE = 16_000
BLOCK = 1_024

Pixels = NDArray[np.uint8]


def plain(level: int, height: int = 96, width: int = 128) -> Pixels:
    """A picture of one grey."""
    return np.full((height, width, 3), level, dtype=np.uint8)


def tone(seconds: float, level: float = 0.5) -> NDArray[np.float32]:
    """A 440 Hz tone at 16 kHz."""
    return (level * np.sin(2 * np.pi * 440 * np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE)).astype("f")


def write_recording(
    path: Path,
    pictures: Iterable[tuple[float, Pixels]] = (),
    sound: NDArray[np.float32] | None = None,
    *,
    sound_starts: float = 0.0,
    keyframe_every: int = 12,
) -> Path:
    """A recording of RGB `pictures` at their times in seconds, and mono 16 kHz `sound`, by its suffix."""
    shown = list(pictures)
    with av.open(str(path), "w") as container:
        if shown:
            height, width = shown[0][1].shape[:2]
            video = container.add_stream("libx264", rate=25)
            video.width, video.height, video.pix_fmt = width, height, "yuv420p"
            video.options = {"preset": "ultrafast", "g": str(keyframe_every)}
            video.codec_context.time_base = MILLISECONDS
        if sound is not None:
            audio = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        if shown:
            for time, pixels in shown:
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
                picture.pts, picture.time_base = round(time * 1000), MILLISECONDS
                container.mux(video.encode(picture))
            container.mux(video.encode())
        if sound is not None:
            for start in range(0, len(sound) - BLOCK, BLOCK):
                block = sound[np.newaxis, start : start + BLOCK]
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
                frame.sample_rate, frame.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
                frame.pts = start + round(sound_starts * SOUND_RATE)
                container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


def write_repeated(path: Path, recording: Path, times: int) -> Path:
    """A recording over and over, without being encoded anew."""
    listing = path.with_suffix(".txt")
    listing.write_text(f"file '{recording}'\n" * times)
    with (
        av.open(str(listing), format="concat", options={"safe": "0"}) as once,
        av.open(str(path), "w") as whole,
    ):
        streams = [whole.add_stream_from_template(stream) for stream in once.streams]
        for packet in once.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                whole.mux(packet)
    return path


def pictures_of(path: Path) -> list[tuple[float, Pixels]]:
    """Every picture of a recording with its time, RGB."""
    with av.open(str(path)) as container:
        return [
            (frame.time or 0.0, np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8))
            for frame in container.decode(video=0)
        ]
