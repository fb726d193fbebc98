"""Small media files made on the spot: moving stripes and a tone."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np

RATE = 8
SOUND_RATE = 16_000
FRAME = 1024


def make_recording(
    path: Path,
    *,
    seconds: float = 3.0,
    video: str | None = "mpeg4",
    audio: str | None = "aac",
    size: tuple[int, int] = (64, 48),
    options: dict[str, str] | None = None,
) -> Path:
    """Write a file whose format follows from its suffix; `video` and `audio` name encoders."""
    with av.open(str(path), "w", options=options or {}) as container:
        streams: list[tuple[Any, Callable[[Any, int], Any], int]] = []
        if video:
            picture: Any = container.add_stream(cast("Any", video), rate=RATE)
            picture.width, picture.height = size
            picture.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24", "gif": "rgb8"}.get(video, "yuv420p")
            streams.append((picture, _picture, max(1, round(seconds * RATE))))
        if audio:
            sound: Any = container.add_stream(cast("Any", audio), rate=SOUND_RATE)
            sound.layout = "mono"
            streams.append((sound, _sound, round(seconds * SOUND_RATE / FRAME)))
        for stream, make, count in streams:
            for number in range(count):
                container.mux(stream.encode(make(stream, number)))
            container.mux(stream.encode(None))
    return path


def _picture(stream: Any, number: int) -> Any:
    stripes = np.zeros((stream.height, stream.width, 3), np.uint8)
    stripes[:, number % stream.width :: 8] = 255
    frame = av.VideoFrame.from_ndarray(stripes, format="rgb24").reformat(format=stream.pix_fmt)
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


def _sound(stream: Any, number: int) -> Any:
    times = np.arange(number * FRAME, (number + 1) * FRAME) / SOUND_RATE
    tone = (np.sin(2 * np.pi * 440 * times) * 8000).astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, number * FRAME, Fraction(1, SOUND_RATE)
    return frame


def turn(path: Path, degrees: int) -> Path:
    """Have an MP4's first track shown turned clockwise, by its display matrix, as phones do."""
    one = 1 << 16
    a, b, c, d = {
        0: (one, 0, 0, one),
        90: (0, one, -one, 0),
        180: (-one, 0, 0, -one),
        270: (0, -one, one, 0),
    }[degrees]
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    data[matrix : matrix + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


def claim_duration(path: Path, seconds: float) -> Path:
    """Have a Matroska file's header claim another duration."""
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", seconds * 1000)
    path.write_bytes(data)
    return path
