"""Makes films of a person who talks to the camera: one who looks aside for a while, and a still one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.support.speaking import STORY, spoken
from tests.support.videos import SOUND_RATE, Pixels, write_recording
from vivavoce.samples.portrait import Portrait, Pose, load_picture

SECONDS = 14
PICTURES_PER_SECOND = 12
ASIDE = (6.0, 10.0)


def write_talking(path: Path) -> Path:
    """The film, by the suffix of its name; the same at every call."""
    portrait = Portrait()
    open_mouth, closed = portrait.draw(Pose(mouth=0.7)), portrait.draw(Pose())
    aside = portrait.draw(Pose(yaw=20.0, gaze=0.9))
    sound = np.asarray(spoken(STORY, path.parent) / 32768, dtype=np.float32)[: SECONDS * SOUND_RATE]
    return write_recording(path, _pictures(open_mouth, closed, aside), sound)


def write_saying(path: Path, text: str) -> Path:
    """A portrait that says the text and doesn't move, by the suffix of its name; the same at every call."""
    sound = np.asarray(spoken(text, path.parent) / 32768, dtype=np.float32)
    count = len(sound) * PICTURES_PER_SECOND // SOUND_RATE
    picture = load_picture()
    return write_recording(path, ((index / PICTURES_PER_SECOND, picture) for index in range(count)), sound)


def _pictures(open_mouth: Pixels, closed: Pixels, aside: Pixels) -> Iterator[tuple[float, Pixels]]:
    for index in range(SECONDS * PICTURES_PER_SECOND):
        time = index / PICTURES_PER_SECOND
        talking = open_mouth if index % 4 < 2 else closed
        yield time, aside if ASIDE[0] <= time < ASIDE[1] else talking
