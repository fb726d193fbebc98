"""The form of conditions: what databases are asked."""

from datetime import UTC, datetime

import pytest

from vivavoce.chassis.stored import where_form

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("operator", ["$lt", "$lte"])
def test_a_date_that_is_bounded_above_only_is_bounded_below_too_so_that_an_index_can_serve(
    operator: str,
) -> None:
    asked = where_form({"due_at": {operator: NOON}})["due_at"]
    assert asked[operator] == NOON
    assert asked["$gte"] < START


@pytest.mark.parametrize(
    "condition",
    [{"$lte": NOON, "$gte": START}, {"$lt": NOON, "$gt": START}, {"$gte": START}, {"$lte": 3}, {"$ne": NOON}],
)
def test_other_conditions_are_asked_as_they_are(condition: dict[str, object]) -> None:
    assert where_form({"field": condition}) == {"field": condition}
