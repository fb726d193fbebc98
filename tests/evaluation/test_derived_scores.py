"""The legacy numbers are formulas of observables, or null with the reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.judging import spoken
from vivavoce.contracts import DerivedScore, NullReason, Observable
from vivavoce.evaluation import face_scores as face
from vivavoce.evaluation import voice_scores as voice
from vivavoce.evaluation.derived import Formula
from vivavoce.evaluation.face_scores import face_scores
from vivavoce.evaluation.voice_scores import voice_scores
from vivavoce.media.levels import Levels
from vivavoce.media.speech_spans import Span
from vivavoce.media.voice import Voice, measure_loudness

VOICE = {
    "speech_rate": 142.0,
    "articulation_rate": 165.0,
    "word_confidence": 0.9,
    "filler_rate": 1.0,
    "signal_to_noise": 25.0,
    "pause_share": 0.15,
    "pitch_range": 7.0,
    "loudness_variation": 1.5,
    "hedging_rate": 0.5,
}
FACE = {
    "camera_facing_share": 0.72,
    "face_visible_share": 1.0,
    "head_movement": 6.0,
    "head_steadiness": 0.95,
    "longest_facing_run": 12.0,
}


def measured(values: dict[str, float | None]) -> list[Observable]:
    """Observables of these values; None is null for lack of speech."""
    return [
        Observable(
            name=name,
            value=value,
            unit="",
            reason=NullReason.INSUFFICIENT_SPEECH if value is None else None,
        )
        for name, value in values.items()
    ]


def by_name(scores: tuple[DerivedScore, ...]) -> dict[str, DerivedScore]:
    """The scores by name."""
    return {score.name: score for score in scores}


def test_clear_steady_direct_speech_has_full_marks() -> None:
    scores = by_name(voice_scores(measured({**VOICE}), None, NullReason.UNAVAILABLE))
    assert scores["speech_rate"].value == 142.0
    assert scores["clarity"].value == pytest.approx(100)
    assert scores["confidence"].value == pytest.approx(100)


def loudness_marks(variation: float) -> float:
    """The share of loudness's marks that remains at a standard deviation in dB."""
    full, found, none = (
        by_name(voice_scores(measured({**VOICE, "loudness_variation": each}), None, NullReason.UNAVAILABLE))
        for each in (0.0, variation, 40.0)
    )
    values = [each["confidence"].value or 0.0 for each in (full, found, none)]
    assert values[0] - values[2] == pytest.approx(20)
    return (values[1] - values[2]) / 20


@pytest.mark.parametrize(("variation", "marks"), [(1.3, 1.0), (2.0, 1.0), (4.0, 0.5), (6.0, 0.0), (9.0, 0.0)])
def test_a_steady_voice_keeps_its_marks_and_an_unsteady_one_loses_them(
    variation: float, marks: float
) -> None:
    assert loudness_marks(variation) == pytest.approx(marks)


def test_a_voice_that_fades_by_twenty_decibels_loses_more_than_half_of_them() -> None:
    speech = np.tile([1.0, 0.6, 0.8, 1.2], 400) * 0.01
    fade = 10 ** (-np.linspace(0, 2, len(speech)))
    steady, fading = (
        Voice(
            runs=(Span(0, len(energy)),),
            heard=(),
            words=(),
            word_reason=None,
            probabilities=np.ones(len(energy), np.float32),
            levels=Levels(energy, np.zeros(len(energy), np.int64)),
            pitches=np.zeros(0),
        )
        for energy in (speech, speech * fade)
    )
    variations = [measure_loudness(each)["loudness_variation"] for each in (steady, fading)]
    marks = [loudness_marks(each) for each in variations if isinstance(each, float)]
    assert marks[0] == pytest.approx(1.0)
    assert marks[1] < 0.5


def test_eye_contact_is_the_share_of_time_facing_the_camera() -> None:
    scores = by_name(face_scores(measured({**FACE}), NullReason.NO_VIDEO))
    assert scores["eye_contact"].value == pytest.approx(72)
    assert scores["confidence"].value == pytest.approx(100)
    assert 80 < (scores["engagement"].value or 0) <= 100


@pytest.mark.parametrize("name", ["word_confidence", "filler_rate", "articulation_rate"])
def test_clarity_is_null_without_an_input_with_its_reason(name: str) -> None:
    score = by_name(voice_scores(measured({**VOICE, name: None}), None, NullReason.UNAVAILABLE))["clarity"]
    assert (score.value, score.reason) == (None, NullReason.INSUFFICIENT_SPEECH)


def test_clarity_does_without_a_background_to_measure() -> None:
    score = by_name(voice_scores(measured({**VOICE, "signal_to_noise": None}), None, NullReason.UNAVAILABLE))
    assert score["clarity"].value == pytest.approx(100)
    assert "signal_to_noise" not in score["clarity"].inputs


def test_word_confidence_is_taken_from_the_words_when_it_was_not_reported() -> None:
    values = {name: value for name, value in VOICE.items() if name != "word_confidence"}
    transcript = spoken("We did it well together", probability=0.4)
    score = by_name(voice_scores(measured({**values}), transcript, NullReason.UNAVAILABLE))["clarity"]
    assert score.value == pytest.approx(55)


def test_without_observables_everything_is_null_with_the_given_reason() -> None:
    found = (*voice_scores((), None, NullReason.NO_AUDIO), *face_scores((), NullReason.NO_VIDEO))
    assert {(score.value, score.reason) for score in found} == {
        (None, NullReason.NO_AUDIO),
        (None, NullReason.NO_VIDEO),
    }
    assert len(found) == 6


@given(st.fixed_dictionaries({name: st.floats(0, 400) for name in VOICE}))
def test_voice_numbers_stay_in_their_range(values: dict[str, float]) -> None:
    scores = by_name(voice_scores(measured({**values}), None, NullReason.UNAVAILABLE))
    assert all(0 <= (scores[name].value or 0) <= 100 for name in ("clarity", "confidence"))


@given(st.fixed_dictionaries({name: st.floats(0, 1) for name in FACE}))
def test_face_numbers_stay_in_their_range(values: dict[str, float]) -> None:
    assert all(
        0 <= (score.value or 0) <= 100 for score in face_scores(measured({**values}), NullReason.NO_VIDEO)
    )


@pytest.mark.parametrize("formula", [*voice.FORMULAS, *face.FORMULAS], ids=lambda one: one.name)
def test_a_formula_names_every_input_that_it_uses(formula: Formula) -> None:
    spelled = formula.text.replace("words per minute", "speech_rate")
    assert all(name in spelled for name in (*formula.needs, *formula.uses))
