"""Writes pictures and sound as one MP4 file."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from vivavoce.samples.portrait import SIZE, Picture

AUDIO_FRAME = 1024


def write_film(
    target: Path, pictures: Iterable[Picture], per_second: int, sound: NDArray[np.float32], rate: int
) -> None:
    """H.264 and AAC; `pictures` are SIZE x SIZE RGB, `sound` is mono from -1 to 1."""
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=per_second, options={"preset": "veryfast", "crf": "23"})
        video.width, video.height, video.pix_fmt = SIZE, SIZE, "yuv420p"
        audio = container.add_stream("aac", rate=rate, layout="mono")
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, per_second)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for start in range(0, len(sound), AUDIO_FRAME):
            container.mux(audio.encode(_sound_frame(sound[start : start + AUDIO_FRAME], start, rate)))
        container.mux(audio.encode(None))


def _sound_frame(samples: NDArray[np.float32], start: int, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis, :], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame
