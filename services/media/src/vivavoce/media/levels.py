"""How loud a recording is, window by window, and whether it was recorded too loud."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.media.speech_spans import WINDOW

FULL_SCALE = 32_768.0
CLIPPED_FROM = 32_440
BLOCK_WINDOWS = 8_192
FLOOR_DB = -96.0


@dataclass(frozen=True)
class Levels:
    """Per window of 512 samples: mean `energy` as a share of full scale squared, and `clipped` samples."""

    energy: NDArray[np.float64]
    clipped: NDArray[np.int64]

    @property
    def decibels(self) -> NDArray[np.float64]:
        """Level of each window in dB below full scale, never below the floor of 16-bit sound."""
        return decibels(self.energy)


def decibels(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energies as levels in dBFS, with a floor at -96 dB."""
    return 10 * np.log10(np.maximum(energy, 10 ** (FLOOR_DB / 10)))


def measure_levels(samples: NDArray[np.int16]) -> Levels:
    """Levels of all whole windows, read in blocks of about four minutes.

    A sample counts as clipped at 99 % of full scale and only beside another such sample: a single
    peak that high is a well-driven recording.
    """
    windows = len(samples) // WINDOW
    energy = np.zeros(windows)
    clipped = np.zeros(windows, dtype=np.int64)
    for start in range(0, windows, BLOCK_WINDOWS):
        end = min(windows, start + BLOCK_WINDOWS)
        block = samples[start * WINDOW : end * WINDOW].reshape(-1, WINDOW)
        scaled = block.astype(np.float32) / np.float32(FULL_SCALE)
        energy[start:end] = np.einsum("ij,ij->i", scaled, scaled, dtype=np.float64) / WINDOW
        loud = (block >= CLIPPED_FROM) | (block <= -CLIPPED_FROM)
        beside = np.zeros_like(loud)
        beside[:, 1:] |= loud[:, :-1]
        beside[:, :-1] |= loud[:, 1:]
        clipped[start:end] = np.count_nonzero(loud & beside, axis=1)
    return Levels(energy, clipped)
