"""Recordings with known truth: speech from a known text, and the reference recordings where they lie."""

import shutil
from pathlib import Path

import numpy as np

from tests.support.shared import SHARED
from tests.support.speaking import STORY, spoken
from tests.support.videos import pictures_of, write_recording

STORY_FILE = "story.m4a"
GRID = {
    "grid_lbax4n.mpg": "lay blue at x four now",
    "grid_lrwp9a.mpg": "lay red with p nine again",
    "grid_sbia1a.mpg": "set blue in a one again",
    "grid_swiz3n.mpg": "set white in z three now",
    "grid_brbk7n.mpg": "bin red by k seven now",
}
COUNT, SILENT = "pyaudio_count.wav", "pyfeat_WolfgangLanger_Pexels.mp4"
LEAVES, ASIDE = "pyfeat_face_noface.mov", "gaze_center_left_center.mp4"
GROUP, PAIR = "group.mp4", "pair.mp4"
GROUP_SECONDS, GROUP_RATE = 3, 5


def write_known(folder: Path) -> list[str]:
    """Put every recording there is into the folder; the files' names."""
    sound = np.asarray(spoken(STORY, folder) / 32768, dtype=np.float32)
    write_recording(folder / STORY_FILE, (), sound)
    media = SHARED / "media"
    if not media.is_dir():
        return [STORY_FILE]
    for name in (COUNT, SILENT, LEAVES, ASIDE, *GRID):
        shutil.copy(media / name, folder / name)
    _write_group(media / "pyfeat_multi_face.jpg", folder / GROUP)
    _write_pair(media / "grid_lbax4n.mpg", media / "grid_sbia1a.mpg", folder / PAIR)
    return [STORY_FILE, COUNT, SILENT, LEAVES, ASIDE, GROUP, PAIR, *GRID]


def _write_group(photo: Path, path: Path) -> None:
    """The photo, held still."""
    ((_, picture),) = pictures_of(photo)
    even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    write_recording(path, ((index / GROUP_RATE, even) for index in range(GROUP_SECONDS * GROUP_RATE)))


def _write_pair(left: Path, right: Path, path: Path) -> None:
    """Two people side by side."""
    both = zip(pictures_of(left), pictures_of(right), strict=True)
    write_recording(path, ((time, np.hstack((one, other))) for (time, one), (_, other) in both))
