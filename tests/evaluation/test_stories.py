"""Answers as people give them: of many trades, in their own words, to questions of many kinds.

The judge's numbers were chosen by `tuned`; none was fitted to `held`, which was written at the same time
by somebody who knew nothing of the rules. What is demanded here is what holds today. The judge is least
sure of good answers that share no meaning with their question's words, and must say so.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.judging import Bench, area_under_curve, criterion, task
from vivavoce.evaluation.judgement import Judgement

STORIES = Path(__file__).parent / "stories"
LOW = 46.0
UNRELIABLE = 0.5
each_set = pytest.mark.parametrize("name", ["tuned", "held"])


@cache
def stories(name: str) -> tuple[dict[str, Any], ...]:
    """The questions of a set, each with its answers by kind."""
    return tuple(json.loads((STORIES / f"{name}.json").read_text()))


def judged(bench: Bench, name: str, kind: str) -> list[Judgement]:
    """The judgements of all answers of a kind."""
    return [
        bench.judge(task(text, item["question"], item["competencies"]))
        for item in stories(name)
        for text in ([item[kind]] if isinstance(item[kind], str) else item[kind])
    ]


def totals(bench: Bench, name: str, kind: str) -> list[float]:
    """The scores of all answers of a kind."""
    return [one.overall or 0.0 for one in judged(bench, name, kind)]


@each_set
@pytest.mark.parametrize(
    ("kind", "least"), [("off_topic", 0.95), ("vague", 0.9), ("rambling", 0.85), ("fair", 0.8)]
)
def test_good_answers_are_above_others(bench: Bench, name: str, kind: str, least: float) -> None:
    assert area_under_curve(totals(bench, name, "good"), totals(bench, name, kind)) > least


@each_set
def test_no_good_answer_is_refused_without_doubt(bench: Bench, name: str) -> None:
    low = [one for one in judged(bench, name, "good") if (one.overall or 0) < LOW]
    assert all((one.confidence or 0) < UNRELIABLE and one.detail for one in low)
    assert len(low) <= 6


@each_set
def test_talk_about_something_else_scores_low(bench: Bench, name: str) -> None:
    found = judged(bench, name, "off_topic")
    high = [one for one in found if (one.overall or 0) >= LOW]
    assert all((one.confidence or 0) < UNRELIABLE for one in high)
    assert len(high) <= 1


def test_a_story_in_other_words_than_its_question_is_doubted_and_not_refused(bench: Bench) -> None:
    story = (
        "Last spring I led the move of our hospital's appointment letters from paper to text messages. The "
        "trouble was that older patients missed their appointments, about nine in a hundred. I sat down with "
        "two receptionists and listened to forty phone calls, and I saw that people did not recognize the "
        "sender. So I changed the sender's name, and I kept paper for everyone over seventy five unless they "
        "told us otherwise. I was probably too slow to ask the clinic nurses, and two of them were upset "
        "about it. After three months the share of missed appointments went down from nine to five percent. "
        "Next time I would invite the nurses in the first week, because they know the patients best."
    )
    asked = "Tell me about a change that you introduced, and how people took it."
    found = bench.judge(task(story, asked, ["communication", "problem_solving"]))
    assert (found.overall or 0) > 65
    assert (found.confidence or 1) < UNRELIABLE
    assert "unsure" in (found.detail or "")
    assert criterion(found, "structure").explanation.startswith("Told as a story")
    assert (found.competencies[0].score or 0) > 50
