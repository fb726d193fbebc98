"""Pitch is found without octave errors, and not in what has none."""

import numpy as np
import pytest

from tests.support.speaking import as_samples, noise, silence, tone
from vivavoce.media.pitch import BLOCK_FRAMES, DECIMATION, HOP, semitones, track_pitch, without_slips
from vivavoce.media.speech_spans import RATE, WINDOW, Span


def whole(samples: np.ndarray) -> tuple[Span, ...]:
    return (Span(0, len(samples) // WINDOW),)


@pytest.mark.parametrize("hertz", [70.0, 85.0, 110.0, 165.0, 220.0, 261.6, 330.0, 440.0])
@pytest.mark.parametrize("harmonics", [1, 3, 12])
def test_a_tone_has_its_own_pitch(hertz: float, harmonics: int) -> None:
    sound = tone(hertz, 1.0, harmonics)
    pitches = track_pitch(sound, whole(sound))
    assert len(pitches) > 50
    assert pitches == pytest.approx(hertz, rel=0.01)


def test_a_voice_without_its_fundamental_keeps_its_pitch() -> None:
    times = np.arange(RATE) / RATE
    sound = as_samples(
        4_000 * np.sum([np.sin(2 * np.pi * 120 * part * times) for part in (2, 3, 4, 5)], axis=0)
    )
    assert np.median(track_pitch(sound, whole(sound))) == pytest.approx(120, rel=0.01)


def test_noise_and_silence_have_no_pitch() -> None:
    for sound in (noise(2.0), silence(2.0)):
        assert len(track_pitch(sound, whole(sound))) <= 2


def test_a_glide_over_an_octave_spans_ten_semitones_between_its_outer_tenths() -> None:
    times = np.arange(4 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(110 * 2 ** (times / 4)) / RATE
    sound = as_samples(8_000 * np.sum([np.sin(part * phase) / part for part in range(1, 6)], axis=0))
    low, high = np.percentile(track_pitch(sound, whole(sound)), (10, 90))
    assert semitones(low, high) == pytest.approx(9.6, abs=0.3)


def test_long_sound_is_read_in_pieces_without_a_seam() -> None:
    seconds = 2.5 * BLOCK_FRAMES * HOP * DECIMATION / RATE
    sound = tone(150, seconds)
    pitches = track_pitch(sound, whole(sound))
    assert pitches == pytest.approx(150, rel=0.01)
    assert len(pitches) == pytest.approx(len(sound) / HOP / DECIMATION, rel=0.01)


def test_only_the_given_spans_are_listened_to() -> None:
    sound = np.concatenate([tone(110, 1.024), tone(220, 1.024)])
    assert track_pitch(sound, (Span(0, 32),)) == pytest.approx(110, rel=0.01)
    assert len(track_pitch(sound, ())) == 0


def test_octave_slips_are_dropped() -> None:
    steady = np.full(100, 120.0)
    slipped = np.concatenate([steady, np.full(5, 240.0), np.full(5, 60.0)])
    assert without_slips(slipped) == pytest.approx(steady)


def test_an_octave_has_twelve_semitones() -> None:
    assert semitones(110, 220) == pytest.approx(12)
