"""No score without hearing enough: the gate before the judge."""

import pytest

from tests.support.facts import features
from tests.support.judging import spoken
from vivavoce.contracts import MediaFeatures, NullReason, Transcript, Word
from vivavoce.evaluation.gate import Limits, why_not

LIMITS = Limits()
ENOUGH = "We measured the slow service for three days and then removed the lock that all waited for."


def heard(reason: NullReason | None = None, language: str | None = "en") -> MediaFeatures:
    """Features of an answer."""
    return features().model_copy(update={"transcript_reason": reason, "language": language})


def test_an_ordinary_answer_may_be_judged() -> None:
    assert why_not(heard(), spoken(ENOUGH), LIMITS) is None


@pytest.mark.parametrize("reason", [NullReason.SILENT_AUDIO, NullReason.LOW_ASR_CONFIDENCE])
def test_a_reason_of_the_transcript_is_passed_on(reason: NullReason) -> None:
    assert why_not(heard(reason), spoken(ENOUGH), LIMITS) is reason


def test_an_absent_transcript_can_t_be_judged() -> None:
    assert why_not(heard(), None, LIMITS) is NullReason.UNAVAILABLE


def test_a_language_that_the_judge_doesn_t_know_is_not_judged() -> None:
    assert why_not(heard(), spoken(ENOUGH, language="tr"), LIMITS) is NullReason.UNSUPPORTED_LANGUAGE
    assert why_not(heard(language="tr"), spoken(ENOUGH, language=None), LIMITS) is not None
    assert why_not(heard(), spoken(ENOUGH, language="en-GB"), LIMITS) is None


def test_a_few_words_are_too_little() -> None:
    assert why_not(heard(), spoken("Yes, I did that."), LIMITS) is NullReason.INSUFFICIENT_SPEECH


def test_fillers_are_no_words() -> None:
    um = Word(text="um", start=0, end=9, probability=0.9, filler=True)
    transcript = Transcript(text="um " * 30, language="en", words=(um,) * 30)
    assert why_not(heard(), transcript, LIMITS) is NullReason.INSUFFICIENT_SPEECH


def test_many_words_in_no_time_are_too_little() -> None:
    transcript = spoken(ENOUGH)
    assert why_not(heard(), transcript, Limits(min_seconds=60)) is NullReason.INSUFFICIENT_SPEECH


def test_improbable_words_are_not_judged() -> None:
    assert why_not(heard(), spoken(ENOUGH, probability=0.22), LIMITS) is NullReason.LOW_ASR_CONFIDENCE
