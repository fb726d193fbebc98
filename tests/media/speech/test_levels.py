"""Loudness and clipping are measured as they are defined."""

import numpy as np
import pytest

from tests.support.speaking import as_samples, silence, tone
from vivavoce.media.levels import BLOCK_WINDOWS, measure_levels
from vivavoce.media.speech_spans import WINDOW


def test_silence_lies_at_the_floor_of_16_bit_sound() -> None:
    assert measure_levels(silence(1.0)).decibels == pytest.approx(-96.0)


def test_a_full_sine_lies_three_decibels_below_full_scale() -> None:
    levels = measure_levels(tone(1_000, 1.0, harmonics=1, amplitude=32_767))
    assert levels.decibels == pytest.approx(-3.01, abs=0.02)


def test_a_sound_cut_off_at_full_scale_is_clipped_and_a_loud_one_is_not() -> None:
    cut = as_samples(np.sin(np.arange(WINDOW * 20) / 20) * 60_000)
    loud = as_samples(np.sin(np.arange(WINDOW * 20) / 20) * 32_000)
    assert measure_levels(cut).clipped.sum() / cut.size == pytest.approx(0.636, abs=0.02)
    assert measure_levels(loud).clipped.sum() == 0


def test_a_single_peak_at_full_scale_is_not_clipping() -> None:
    samples = np.zeros(WINDOW * 4, dtype=np.int16)
    samples[700] = 32_767
    assert measure_levels(samples).clipped.sum() == 0


def test_reading_in_blocks_gives_what_reading_at_once_gives() -> None:
    samples = np.tile(tone(200, 1.024), (BLOCK_WINDOWS + 100) // 32)
    levels = measure_levels(samples)
    assert levels.energy[:32] == pytest.approx(levels.energy[-32:])
    assert len(levels.energy) == len(samples) // WINDOW
