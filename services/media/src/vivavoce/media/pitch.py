"""The pitch of a voice by YIN (de Cheveigné and Kawahara, 2002), vectorized over frames."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vivavoce.media.speech_spans import RATE, WINDOW, Span

DECIMATION = 2
PITCH_RATE = RATE // DECIMATION
HOP = 128
INTEGRATION = 256
LOWEST_HZ = 60.0
HIGHEST_HZ = 500.0
SHORTEST_LAG = int(PITCH_RATE / HIGHEST_HZ)
LONGEST_LAG = int(PITCH_RATE / LOWEST_HZ) + 1
FRAME = INTEGRATION + LONGEST_LAG + 1
TRANSFORM = 512
DIP = 0.15
VOICED_BELOW = 0.35
BLOCK_FRAMES = 2_048
LOW_PASS_TAPS = 31

Signal = NDArray[np.float32]
Numbers = NDArray[np.float64]


def track_pitch(samples: NDArray[np.int16], spans: Iterable[Span]) -> Numbers:
    """Pitch in Hz of every voiced frame (one each 16 ms) inside the spans, octave slips removed."""
    found = [_pitch_of(piece) for span in spans for piece in _pieces(samples, span)]
    return without_slips(np.concatenate(found)) if found else np.zeros(0)


def _pieces(samples: NDArray[np.int16], span: Span) -> Iterable[Signal]:
    """The span's sound at 8 kHz, in pieces whose frames fit in memory."""
    step = BLOCK_FRAMES * HOP * DECIMATION
    overlap = FRAME * DECIMATION
    for start in range(span.start * WINDOW, span.end * WINDOW, step):
        end = min(span.end * WINDOW, start + step + overlap)
        yield _decimate(samples[start:end].astype(np.float32))


def _decimate(sound: Signal) -> Signal:
    """Half the rate, behind a windowed-sinc low-pass at 1.5 kHz: pitch lives in the low harmonics."""
    taps = np.arange(LOW_PASS_TAPS) - LOW_PASS_TAPS // 2
    kernel = np.sinc(2 * 1_500 / RATE * taps) * np.hamming(LOW_PASS_TAPS)
    kernel = (kernel / kernel.sum()).astype(np.float32)
    return np.convolve(sound, kernel, mode="same")[::DECIMATION] if len(sound) else sound


def _pitch_of(sound: Signal) -> Numbers:
    if len(sound) < FRAME:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
    normalized = _normalized_difference(frames)
    lags, depth = _first_dip(normalized)
    voiced = depth < VOICED_BELOW
    periods = _refine(normalized[voiced], lags[voiced])
    return np.asarray(PITCH_RATE / periods, dtype=np.float64)


def _normalized_difference(frames: Signal) -> Numbers:
    """YIN's cumulative mean normalized difference, one row per frame, one column per lag from 0."""
    head = frames[:, :INTEGRATION]
    spectrum = np.conj(np.fft.rfft(head, TRANSFORM)) * np.fft.rfft(frames, TRANSFORM)
    products = np.fft.irfft(spectrum, TRANSFORM)[:, : LONGEST_LAG + 1]
    squares = np.cumsum(np.pad(frames.astype(np.float64) ** 2, ((0, 0), (1, 0))), axis=1)
    energy = squares[:, INTEGRATION : INTEGRATION + LONGEST_LAG + 1] - squares[:, : LONGEST_LAG + 1]
    difference = np.maximum(energy[:, :1] + energy - 2 * products, 0.0)
    difference[:, 0] = 0.0
    lags = np.arange(1, LONGEST_LAG + 1)
    running = np.cumsum(difference[:, 1:], axis=1) / lags
    normalized = np.ones_like(difference)
    np.divide(difference[:, 1:], running, out=normalized[:, 1:], where=running > 0)
    return normalized


def _first_dip(normalized: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """For each frame the lag of the first local minimum below the threshold, else of the lowest point."""
    inner = normalized[:, SHORTEST_LAG:LONGEST_LAG]
    before, after = normalized[:, SHORTEST_LAG - 1 : LONGEST_LAG - 1], normalized[:, SHORTEST_LAG + 1 :]
    dips = (inner < DIP) & (inner <= before) & (inner <= after)
    first = np.where(dips.any(axis=1), dips.argmax(axis=1), inner.argmin(axis=1))
    return first + SHORTEST_LAG, np.take_along_axis(inner, first[:, None], axis=1)[:, 0]


def _refine(normalized: Numbers, lags: NDArray[np.int64]) -> Numbers:
    """Lags to a fraction of a sample, by a parabola through the minimum and its neighbours."""
    rows = np.arange(len(lags))
    left, middle, right = (normalized[rows, lags + shift] for shift in (-1, 0, 1))
    curve = left - 2 * middle + right
    shift = np.divide(left - right, 2 * curve, out=np.zeros_like(curve), where=curve > 0)
    return np.asarray(lags + np.clip(shift, -0.5, 0.5), dtype=np.float64)


def without_slips(pitches: Numbers) -> Numbers:
    """Only pitches between 0.83 × the 15th and 1.92 × the 65th percentile.

    These are the bounds that De Looze and Hirst (2008) found to keep a speaker's own range and to
    drop the octave errors of a first pass.
    """
    if not pitches.size:
        return pitches
    low, high = np.percentile(pitches, (15, 65))
    return np.asarray(pitches[(pitches >= 0.83 * low) & (pitches <= 1.92 * high)])


def semitones(low: float, high: float) -> float:
    """The interval between two pitches in semitones."""
    return float(12 * np.log2(high / low))
