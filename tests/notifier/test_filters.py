"""A filter lets through what it says, by fields that the facts have; what is wrong in it is said by field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.facts import completed, scored
from vivavoce.contracts import EXAMPLES
from vivavoce.notifier.filters import OPERATORS, matches, problems_of

SCORED: dict[str, Any] = scored().model_dump(mode="json")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
PATHS = st.lists(st.sampled_from(["overall", "criteria", "name", "score", "x"]), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        ({}, True),
        ({"overall": 78.5}, True),
        ({"overall": 78}, False),
        ({"overall": {"gte": 50, "lt": 78.5}}, False),
        ({"overall": {"gte": 50, "lte": 78.5}}, True),
        ({"overall": {"gt": "50"}}, False),
        ({"question_id": "q1", "overall": {"lt": 50}}, False),
        ({"question_id": {"in": ["q1", "q2"]}}, True),
        ({"question_id": {"ne": "q1"}}, False),
        ({"competencies.name": "teamwork"}, True),
        ({"competencies.name": "juggling"}, False),
        ({"competencies.score": {"gt": 80}}, True),
        ({"criteria.evidence.start": {"lt": 20}}, True),
        ({"versions.models.embeddings": "minilm"}, True),
        ({"scored_at": {"gte": "2026-03-02T12:00:00Z"}}, True),
        ({"scored_at": {"gte": "2026-03-02T12:00:01Z"}}, False),
        ({"detail": None}, True),
        ({"overall": {"exists": True}}, True),
        ({"nothing": {"exists": True}}, False),
        ({"nothing": {"exists": False}}, True),
    ],
)
def test_all_that_a_filter_names_must_hold(wanted: dict[str, Any], met: bool) -> None:
    assert matches(wanted, SCORED) is met


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ({"overal": 5}, ["filter.overal"]),
        ({"criteria.nome": "x"}, ["filter.criteria.nome"]),
        ({"overall.more": 5}, ["filter.overall.more"]),
        ({"overall": {"above": 5}}, ["filter.overall.above"]),
        (
            {"overall": {"gte": [5], "in": 5, "exists": "yes"}},
            [f"filter.overall.{n}" for n in ("gte", "in", "exists")],
        ),
        ({"overall": {}}, ["filter.overall"]),
        ({"overall": [1, 2]}, ["filter.overall"]),
        ({"integrity_band": "low"}, ["filter.integrity_band"]),
        ({f"field{number}": 1 for number in range(21)}, ["filter"]),
        ({"overall": {"gte": 5}, "versions.models.anything": "x"}, []),
        (None, []),
    ],
)
def test_what_is_wrong_in_a_filter_is_said_by_field(wanted: dict[str, Any] | None, paths: list[str]) -> None:
    assert [problem.path for problem in problems_of(wanted, SCORES)] == paths


def test_a_field_that_one_of_several_types_has_may_be_asked_for() -> None:
    assert problems_of({"integrity_band": "low"}, ("score.generated", "interview.completed")) == ()


def test_every_field_of_every_example_may_be_asked_for() -> None:
    for event, fact in EXAMPLES.items():
        assert (
            problems_of(dict.fromkeys(list(paths_of(fact.model_dump(mode="json")))[:20], 1), (event,)) == ()
        )


def paths_of(data: Any) -> Any:
    """The dotted paths of all fields, once each."""
    if isinstance(data, list):
        return dict.fromkeys(path for element in data for path in paths_of(element))
    if not isinstance(data, dict):
        return {}
    below = {name: list(paths_of(value)) for name, value in data.items()}
    return dict.fromkeys(
        path for name, inner in below.items() for path in (name, *(f"{name}.{p}" for p in inner))
    )


@given(path=PATHS, condition=JSON, data=JSON)
def test_no_filter_that_is_found_right_breaks_on_any_data(path: list[str], condition: Any, data: Any) -> None:
    wanted = {".".join(path): condition}
    if not problems_of(wanted, SCORES):
        assert isinstance(matches(wanted, {"overall": data, "criteria": data}), bool)


@given(value=SCALARS, other=SCALARS)
def test_operators_agree_with_each_other(value: Any, other: Any) -> None:
    data = {"field": json.loads(json.dumps(value))}

    def holds(operator: str) -> bool:
        operand = [other] if operator == "in" else other
        return matches({"field": {operator: operand}}, data)

    assert holds("eq") is holds("in") is not holds("ne")
    assert matches({"field": {"eq": value}}, data)
    assert not (holds("lt") and holds("gte"))
    assert not (holds("gt") and holds("lte"))
    assert set(OPERATORS) == {"eq", "ne", "in", "lt", "lte", "gt", "gte", "exists"}


async def test_an_endpoint_hears_only_what_its_filter_lets_through() -> None:
    notifier = Notifier()
    await notifier.register(HOOK, ("score.generated", "interview.completed"), filter={"overall": {"lt": 50}})
    await notifier.hear(scored(), "event-high")
    await notifier.hear(scored().model_copy(update={"overall": 20.0}), "event-low")
    await notifier.hear(completed().model_copy(update={"overall": 30.0}), "event-end")
    await notifier.send_due()
    assert sorted(notifier.sender.ids) == ["event-end", "event-low"]


async def test_a_field_left_out_of_a_thin_body_is_not_held_against_it() -> None:
    notifier = Notifier(webhook_max_body_bytes=1024)
    await notifier.register(HOOK, SCORES, filter={"competencies.name": "juggling", "overall": {"gte": 50}})
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    assert notifier.sender.ids == ["event-1"]
