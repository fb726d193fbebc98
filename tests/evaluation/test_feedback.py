"""Feedback speaks of what was said, and never of feelings."""

import re

import pytest

from tests.support.interview_answers import CONFLICT
from tests.support.judging import judge_by_words, task
from vivavoce.contracts import NullReason
from vivavoce.contracts.recordings import RejectionReason
from vivavoce.evaluation import feedback as texts
from vivavoce.evaluation.feedback import feedback, feedback_without_score

FEELINGS = re.compile(
    r"nervous|anxious|happy|sad|angry|afraid|confident|insecure|stress|emotion|enthusias|bored|calm",
    re.IGNORECASE,
)


def test_feedback_names_the_score_a_strength_and_a_gap() -> None:
    judgement = judge_by_words(task(CONFLICT.fair, CONFLICT.question, CONFLICT.competencies))
    text = feedback(judgement.overall or 0, judgement.criteria)
    assert text.startswith(f"The answer scores {judgement.overall:.0f} of 100.")
    assert "What stands out:" in text


def test_every_criterion_has_praise_and_advice_without_feelings() -> None:
    assert texts.STRENGTHS.keys() == texts.ADVICE.keys()
    assert not any(FEELINGS.search(text) for text in (*texts.STRENGTHS.values(), *texts.ADVICE.values()))


@pytest.mark.parametrize("reason", [*NullReason, *RejectionReason])
def test_an_answer_without_a_score_is_explained_and_not_held_against_anybody(
    reason: NullReason | RejectionReason,
) -> None:
    text = feedback_without_score(reason)
    assert "no score, because" in text
    assert "says nothing about the candidate" in text
    assert not FEELINGS.search(text)
