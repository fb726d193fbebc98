"""Makes a long talking recording, as a webcam would, out of the demo's short ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vivavoce.samples.interview import PICTURES_PER_SECOND, make_interview
from vivavoce.samples.speech import read_wave

WIDTH, HEIGHT = 848, 480
AUDIO_FRAME = 1024
ENCODING = {"preset": "veryfast", "crf": "23", "bf": "0"}
"""Without pictures that depend on later ones, as cameras and browsers encode: decoders can't skip any."""

Picture = NDArray[np.uint8]
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """One short recording: its film, and its sound drawn out to the film's length."""

    film: Path
    sound: Sound
    rate: int


def make_recording(folder: Path, seconds: int) -> Path:
    """A talking face of 848x480 at 25 pictures per second, H.264 and AAC, made once and then kept."""
    target = folder / f"talking-{seconds}s.mp4"
    if not target.is_file():
        answers = make_interview(folder)["answers"]
        unfinished = target.with_suffix(".part.mp4")
        _write(unfinished, [_piece(Path(answer["file"])) for answer in answers], seconds)
        unfinished.rename(target)
    return target


def _piece(film: Path) -> Piece:
    sound, rate = read_wave(film.with_suffix(".wav"))
    with av.open(str(film)) as container:
        pictures = container.streams.video[0].frames
    padded = np.zeros(pictures * rate // PICTURES_PER_SECOND, dtype=np.float32)
    kept = min(len(padded), len(sound))
    padded[:kept] = sound[:kept]
    return Piece(film, padded, rate)


def _write(target: Path, pieces: list[Piece], seconds: int) -> None:
    rate = pieces[0].rate
    once = np.concatenate([piece.sound for piece in pieces])
    sound = np.resize(once, seconds * rate)
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=PICTURES_PER_SECOND, options=ENCODING)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=rate, layout="mono")
        for index, picture in enumerate(islice(_wide_pictures(pieces), seconds * PICTURES_PER_SECOND)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, PICTURES_PER_SECOND)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for start in range(0, len(sound), AUDIO_FRAME):
            container.mux(audio.encode(_sound_frame(sound[start : start + AUDIO_FRAME], start, rate)))
        container.mux(audio.encode(None))


def _wide_pictures(pieces: list[Piece]) -> Iterator[Picture]:
    for piece in cycle(pieces):
        with av.open(str(piece.film)) as container:
            for frame in container.decode(video=0):
                picture = frame.to_ndarray(format="rgb24")
                beside = (WIDTH - picture.shape[1]) // 2
                yield np.asarray(
                    cv2.copyMakeBorder(picture, 0, 0, beside, beside, cv2.BORDER_REPLICATE), dtype=np.uint8
                )


def _sound_frame(samples: Sound, start: int, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame
