"""A good answer to another question is told from a good answer to this one, as far as it is.

Eight good answers are each judged for the seven questions that they don't answer: 56 swaps. What
stands here is what holds today, for better and worse: eleven swaps come close to an answer in place. A
judge that lets no swap pass was worse: it refused good answers that are told in other words than the
question (see `test_stories`). So what isn't clear is said to be unclear, and relied on less.
"""

from itertools import permutations

import pytest

from tests.support.interview_answers import (
    CACHING,
    CONFLICT,
    CUSTOMER,
    DEADLINE,
    EVERY_SET,
    LEADERSHIP,
    MISTAKE,
    MOTIVATION,
    OUTAGE,
    Answers,
)
from tests.support.judging import Bench, criterion, task
from vivavoce.evaluation.judgement import Judgement

CLOSE, NEAR = 15.0, 25.0
MISTAKEN = {
    (LEADERSHIP.question, CUSTOMER.question),
    (LEADERSHIP.question, CONFLICT.question),
    (CUSTOMER.question, MISTAKE.question),
    (CUSTOMER.question, CONFLICT.question),
    (CUSTOMER.question, DEADLINE.question),
    (MISTAKE.question, CUSTOMER.question),
    (OUTAGE.question, CONFLICT.question),
    (DEADLINE.question, CONFLICT.question),
    (DEADLINE.question, MOTIVATION.question),
    (CACHING.question, DEADLINE.question),
    (CACHING.question, MISTAKE.question),
}
"""The question that was asked, and the question that the answer was meant for."""
NEARLY = {
    (CACHING.question, CUSTOMER.question),
    (OUTAGE.question, CACHING.question),
    (CACHING.question, MOTIVATION.question),
}
CUSTOMER_TOPIC = "How do you deal with an angry or difficult customer?"
UNNOTICED = {(DEADLINE.question, MOTIVATION.question)}
OWN_AT_LEAST = (90, 90, 85, 95, 90, 80, 90, 55)


def swapped(bench: Bench) -> dict[tuple[str, str], tuple[float, Judgement]]:
    """By question and the answer's own question: how far below the own answer it is, and its judgement."""
    found = {}
    for asked, meant in permutations(EVERY_SET, 2):
        judgement = bench.judge(task(meant.good, asked.question, asked.competencies))
        below = bench.total(asked, asked.good) - (judgement.overall or 0)
        found[asked.question, meant.question] = (below, judgement)
    return found


def test_eleven_of_56_swapped_answers_come_within_15_points_and_three_more_within_25(bench: Bench) -> None:
    swaps = swapped(bench)
    assert len(swaps) == 56
    assert {pair for pair, (below, _) in swaps.items() if below < CLOSE} <= MISTAKEN
    assert {pair for pair, (below, _) in swaps.items() if below < NEAR} <= MISTAKEN | NEARLY


def test_a_swapped_answer_that_scores_high_is_doubted(bench: Bench) -> None:
    doubted = {pair for pair, (_, found) in swapped(bench).items() if found.detail and reliance(found) <= 0.5}
    assert doubted >= (MISTAKEN | NEARLY) - UNNOTICED


def reliance(found: Judgement) -> float:
    """The confidence of a judgement, which always has one."""
    assert found.confidence is not None
    return found.confidence


@pytest.mark.parametrize(("answers", "least"), zip(EVERY_SET, OWN_AT_LEAST, strict=True))
def test_an_answer_in_place_stays_high(bench: Bench, answers: Answers, least: float) -> None:
    assert bench.total(answers, answers.good) >= least


def test_what_is_doubted_is_relied_on_less(bench: Bench) -> None:
    own = bench.judge(task(CUSTOMER.good, CUSTOMER.question, CUSTOMER.competencies))
    swapped_in = bench.judge(task(CUSTOMER.good, LEADERSHIP.question, LEADERSHIP.competencies))
    assert own.detail is None
    assert swapped_in.detail is not None
    assert f"“{CUSTOMER_TOPIC}”" in swapped_in.detail
    assert swapped_in.confidence == pytest.approx(0.5 * (own.confidence or 0), abs=0.001)


def test_the_fit_in_meaning_is_shown_as_it_is(bench: Bench) -> None:
    fit = bench.fit(OUTAGE.question, OUTAGE.rambling)
    judgement = bench.judge(task(OUTAGE.rambling, OUTAGE.question, OUTAGE.competencies))
    assert fit < 0
    assert f"fit in meaning {fit:.2f};" in criterion(judgement, "relevance").explanation
