"""How probable speech is, window by window, by the Silero model that comes with faster-whisper."""

from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from vivavoce.media.speech_spans import WINDOW

VERSION = "silero v6"
BLOCK_WINDOWS = 4_096
WARM_UP_WINDOWS = 32
FULL_SCALE = 32_768.0


class _Silero(Protocol):
    def __call__(self, audio: NDArray[np.float32]) -> NDArray[np.float32]: ...


def as_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Samples scaled to -1 … 1."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def speech_probabilities(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Probability of speech in each whole window of 512 samples at 16 kHz.

    The recording is read in blocks of about two minutes; each block hears one second of the block
    before it again, so that the model's memory is warm.
    """
    from faster_whisper.vad import get_vad_model

    model = cast("_Silero", get_vad_model())
    windows = len(samples) // WINDOW
    parts = []
    for start in range(0, windows, BLOCK_WINDOWS):
        warm = min(start, WARM_UP_WINDOWS)
        end = min(windows, start + BLOCK_WINDOWS)
        heard = model(as_float(samples[(start - warm) * WINDOW : end * WINDOW]))
        parts.append(np.asarray(heard, dtype=np.float32).reshape(-1)[warm:])
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
