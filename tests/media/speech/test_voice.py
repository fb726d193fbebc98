"""Voice observables are what their definitions say, or null with a reason."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.passages import words
from vivavoce.contracts import NullReason, Observable
from vivavoce.contracts.hedges import count_hedges
from vivavoce.media.levels import Levels
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import WINDOW, WINDOW_SECONDS, Span, mask
from vivavoce.media.voice import UNITS, Voice, measure_words, observe, observe_nothing

SETTINGS = SpeechSettings()
LENGTH = 1_000
RUNS = (Span(100, 300), Span(350, 500), Span(600, 800))
LOUD, QUIET = 1e-2, 1e-5


def a_voice() -> Voice:
    """Speech at -20 dBFS over a background at -50 dBFS, with pauses of 1.6 s and 3.2 s."""
    speech = mask(RUNS, LENGTH)
    return Voice(
        runs=RUNS,
        heard=RUNS,
        words=words("we shipped it on time and it worked"),
        word_reason=None,
        probabilities=np.where(speech, 0.95, 0.02).astype(np.float32),
        levels=Levels(np.where(speech, LOUD + QUIET, QUIET), np.zeros(LENGTH, np.int64)),
        pitches=np.linspace(100.0, 200.0, 101),
    )


def measured(voice: Voice) -> dict[str, Observable]:
    return {each.name: each for each in observe(voice, SETTINGS)}


def value(voice: Voice, name: str) -> float:
    found = measured(voice)[name].value
    assert found is not None
    return found


def test_every_observable_comes_once_with_its_unit_over_the_time_of_speech() -> None:
    found = observe(a_voice(), SETTINGS)
    assert [each.name for each in found] == list(UNITS)
    assert {each.unit for each in found} == set(UNITS.values())
    assert {(each.start, each.end) for each in found} == {(100 * WINDOW_SECONDS, 800 * WINDOW_SECONDS)}


def test_pauses_are_counted_between_the_first_and_the_last_speech() -> None:
    voice = a_voice()
    assert value(voice, "pause_count") == 2
    assert value(voice, "longest_pause") == pytest.approx(3.2)
    assert value(voice, "mean_pause") == pytest.approx(2.4)
    assert value(voice, "pause_share") == pytest.approx(150 / 700, abs=1e-4)


def test_a_short_pause_is_time_spent_speaking_and_a_long_one_is_not() -> None:
    assert value(a_voice(), "speaking_time") == pytest.approx(600 * WINDOW_SECONDS)


def test_speech_without_a_pause_has_pauses_of_length_zero() -> None:
    voice = replace(a_voice(), runs=(Span(100, 300),))
    assert [value(voice, name) for name in ("pause_count", "longest_pause", "mean_pause")] == [0, 0, 0]


def test_rates_count_words_per_minute_with_and_without_pauses() -> None:
    voice = a_voice()
    assert value(voice, "speech_rate") == pytest.approx(60 * 8 / (600 * WINDOW_SECONDS), abs=1e-3)
    assert value(voice, "articulation_rate") == pytest.approx(60 * 8 / (550 * WINDOW_SECONDS), abs=1e-3)


def test_rates_are_taken_only_where_the_words_are_believed() -> None:
    voice = replace(a_voice(), heard=(Span(90, 310),))
    assert value(voice, "speech_rate") == pytest.approx(60 * 8 / (200 * WINDOW_SECONDS), abs=1e-3)
    assert value(voice, "understood_share") == pytest.approx(200 / 550, abs=1e-4)


def test_without_believed_words_only_the_sound_is_measured() -> None:
    voice = replace(a_voice(), heard=(), words=(), word_reason=NullReason.LOW_ASR_CONFIDENCE)
    found = measured(voice)
    assert found["speech_rate"].reason is NullReason.LOW_ASR_CONFIDENCE
    assert found["word_confidence"].value is None
    assert found["understood_share"].value == 0
    assert found["pitch_median"].value == 150


def test_fillers_have_their_own_rate_and_are_no_words() -> None:
    said = words("we um shipped it uh on time")
    marked = tuple(word.model_copy(update={"filler": word.text in {"um", "uh"}}) for word in said)
    found = measure_words(marked, speaking=30.0, articulating=20.0)
    assert (found["filler_rate"], found["speech_rate"], found["articulation_rate"]) == (4, 10, 15)


def test_words_without_time_to_say_them_in_give_no_rate() -> None:
    assert measure_words(words("yes"), 0.0, 0.0)["speech_rate"] is NullReason.INSUFFICIENT_SPEECH
    assert measure_words((), 1.0, 1.0)["filler_rate"] is NullReason.INSUFFICIENT_SPEECH


def test_hedges_are_counted_as_phrases_once_each() -> None:
    assert count_hedges(["i", "think", "it", "was", "sort", "of", "fine", "maybe", "i'm", "not", "sure"]) == 4
    assert count_hedges(["i", "thought", "it", "was", "a", "kind", "person"]) == 0


def test_pitch_is_the_median_and_the_interval_between_the_outer_tenths() -> None:
    voice = a_voice()
    assert value(voice, "pitch_median") == 150
    assert value(voice, "pitch_range") == pytest.approx(12 * np.log2(190 / 110), abs=1e-3)


def test_too_few_voiced_frames_give_no_pitch() -> None:
    found = measured(replace(a_voice(), pitches=np.full(10, 120.0)))
    assert found["pitch_median"].reason is NullReason.INSUFFICIENT_SPEECH
    assert found["pitch_range"].value is None


def test_the_signal_to_noise_ratio_is_speech_over_background() -> None:
    assert value(a_voice(), "signal_to_noise") == pytest.approx(30.0, abs=0.1)


def test_a_knock_in_a_pause_does_not_count_as_background() -> None:
    voice = a_voice()
    knocked = voice.levels.energy.copy()
    knocked[550:560] = 0.5
    louder = replace(voice, levels=replace(voice.levels, energy=knocked))
    assert value(louder, "signal_to_noise") == pytest.approx(30.0, abs=0.1)


def test_without_a_quiet_moment_the_quietest_windows_stand_for_the_background() -> None:
    voice = a_voice()
    energy = np.full(LENGTH, LOUD)
    energy[::10] = QUIET
    crowded = replace(voice, runs=(Span(0, LENGTH),), levels=replace(voice.levels, energy=energy))
    assert value(crowded, "signal_to_noise") == pytest.approx(29.5, abs=0.3)


def test_an_even_voice_does_not_vary_in_loudness_and_an_uneven_one_does() -> None:
    voice = a_voice()
    uneven = np.where(np.arange(LENGTH) // 16 % 2, LOUD, LOUD / 100)
    assert value(voice, "loudness_variation") == 0
    swinging = replace(voice, runs=(Span(0, 992),), levels=replace(voice.levels, energy=uneven))
    assert value(swinging, "loudness_variation") == pytest.approx(10.0)


def test_less_than_two_seconds_say_nothing_about_variation() -> None:
    voice = replace(a_voice(), runs=(Span(100, 160),))
    assert measured(voice)["loudness_variation"].reason is NullReason.INSUFFICIENT_SPEECH


def test_clipping_is_a_share_of_the_samples_of_speech() -> None:
    voice = a_voice()
    clipped = np.zeros(LENGTH, np.int64)
    clipped[100:150], clipped[0:90] = WINDOW, WINDOW
    assert value(replace(voice, levels=replace(voice.levels, clipped=clipped)), "clipping_share") == (
        pytest.approx(50 / 550, abs=1e-4)
    )


def test_without_speech_every_observable_is_null_with_the_reason() -> None:
    found = observe_nothing(NullReason.SILENT_AUDIO)
    assert [each.name for each in found] == list(UNITS)
    assert {(each.value, each.reason) for each in found} == {(None, NullReason.SILENT_AUDIO)}
