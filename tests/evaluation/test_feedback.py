"""Feedback speaks of what was said, and never of feelings."""

import re

import pytest

from vivavoce.contracts import CriterionScore, NullReason
from vivavoce.contracts.recordings import RejectionReason
from vivavoce.evaluation import feedback as texts
from vivavoce.evaluation.feedback import WEIGHTS, feedback, feedback_without_score

FEELINGS = re.compile(
    r"nervous|anxious|happy|sad|angry|afraid|confident|insecure|stress|emotion|enthusias|bored|calm",
    re.IGNORECASE,
)


def scored(**scores: float) -> list[CriterionScore]:
    """Criteria with these scores and the rubric's weights."""
    return [
        CriterionScore(name=name, score=score, weight=WEIGHTS[name], contribution=0, explanation="")
        for name, score in scores.items()
    ]


def test_feedback_names_the_score_as_it_is_shown_a_strength_and_a_gap() -> None:
    assert feedback(83.34, scored(relevance=90, structure=80, depth=30)) == (
        "The answer scores 83.3 of 100. "
        "What stands out: it speaks to the question and it is clearly ordered. "
        "What would help next time: Say why you decided so, what the alternatives were and what you learned."
    )


def test_where_nothing_stands_out_advice_comes_first_and_the_number_last() -> None:
    assert feedback(1.5, scored(relevance=0, competencies=0, wording=40)) == (
        "What would help next time: Stay closer to the question that was asked. "
        "Describe a situation that shows what the position asks for. The answer scores 1.5 of 100."
    )


def test_an_answer_between_strong_and_weak_gets_advice_too() -> None:
    text = feedback(60, scored(relevance=55, depth=65))
    assert text.startswith("What would help next time: Stay closer")


def test_what_was_not_heard_at_all_is_advised_on_although_it_weighs_nothing() -> None:
    unheard = scored(competencies=0)[0].model_copy(update={"weight": 0.0})
    assert texts.ADVICE["competencies"] in feedback(70, [*scored(relevance=95, depth=20, wording=0), unheard])


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
