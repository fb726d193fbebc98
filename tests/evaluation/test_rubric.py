"""The rubric adds up, and counts neither voice nor face."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.evaluation import rubric

JUDGED = [line.name for line in rubric.RUBRIC if line.weight]
some_scores = st.dictionaries(st.sampled_from(JUDGED), st.floats(0, 100), min_size=1)


def test_the_weights_sum_to_one() -> None:
    assert sum(line.weight for line in rubric.RUBRIC) == pytest.approx(1)


def test_neither_voice_nor_face_counts() -> None:
    assert {line.name for line in rubric.RUBRIC if line.weight == 0} == {"voice", "face"}


@given(some_scores)
def test_the_total_is_the_sum_of_its_contributions(scores: dict[str, float]) -> None:
    points = rubric.contributions(scores)
    assert rubric.total(points) == pytest.approx(sum(points.values()), abs=1e-9)
    assert -0.001 <= rubric.total(points) <= 100.05


@given(some_scores)
def test_the_weights_of_what_could_be_judged_sum_to_one(scores: dict[str, float]) -> None:
    assert sum(rubric.weights_of(scores).values()) == pytest.approx(1)


@given(some_scores, st.sampled_from(JUDGED), st.floats(0, 100))
def test_a_better_criterion_never_lowers_the_total(
    scores: dict[str, float], name: str, better: float
) -> None:
    if better < scores.get(name, 101):
        return
    before = rubric.total(rubric.contributions(scores))
    assert rubric.total(rubric.contributions({**scores, name: better})) >= before - 0.05


def test_what_is_off_the_question_counts_a_third() -> None:
    assert rubric.credit({"relevance": 0.0, "depth": 100.0}) == 0.35
    assert rubric.credit({"relevance": 30.0}) == pytest.approx(0.675)
    assert rubric.credit({"relevance": 60.0}) == 1.0
    assert rubric.credit({"depth": 100.0}) == 1.0
