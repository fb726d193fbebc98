"""What a list or a count examines doesn't grow with the number of interviews.

Documents that match are those that are examined, since every condition is covered by an index, which
`tests/connected/test_list_plans.py` shows.
"""

from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.support import crowd
from tests.support.asking import data_of
from tests.support.counted import CountedBench
from tests.support.gateway import NOON
from vivavoce.gateway.interviews.listing import MOST_EXAMINED

FEW, MANY = 1_000, 100_000
PAGE = """query Page($filter: InterviewFilter, $sort: InterviewSort, $first: Int, $after: String,
                     $last: Int) {
  interviewConnection(filter: $filter, sort: $sort, first: $first, after: $after, last: $last) {
    nodes { id answers { id } } pageInfo { endCursor } } }"""
ANALYTICS = """query Count($range: TimeRange!) { analytics(timeRange: $range) {
  totals { submitted averageScore } days { totals { ended } } previous { submitted } } }"""
MOST_OF_A_PAGE = 3_000
"""What a page of 50 may examine: its own, what its stretches overshoot, and the page's documents."""
PAGES: dict[str, dict[str, Any]] = {
    "latest": {},
    "earliest": {"last": 50, "first": None},
    "latest ends": {"sort": {"field": "COMPLETED_AT"}},
    "highest scores": {"sort": {"field": "OVERALL_SCORE"}},
    "lowest scores": {"sort": {"field": "OVERALL_SCORE", "direction": "ASC"}},
    "scores between": {
        "sort": {"field": "OVERALL_SCORE"},
        "filter": {"minimumScore": 40, "maximumScore": 60},
    },
    "one position": {"filter": {"positionId": "pos-3"}},
    "a candidate's": {"filter": {"candidateEmail": "candidate-9@example.org"}},
    "an application's": {"filter": {"applicationId": "app-9"}},
    "one by the caller's own id": {"filter": {"externalId": "int-9"}},
    "a day's": {
        "filter": {"submittedSince": "2026-02-20T00:00:00Z", "submittedUntil": "2026-02-21T00:00:00Z"}
    },
}


@cache
def filled(count: int) -> CountedBench:
    """A gateway with so many interviews. Nothing is written to it, so that tests may share it."""
    gateway = CountedBench(Path(mkdtemp(prefix="vivavoce-crowd-")))
    gateway.counted.fill("interview_entries", crowd.entries(count, NOON))
    gateway.counted.fill("analytics_days", crowd.buckets(count, NOON))
    return gateway


async def examined(count: int, query: str, **options: Any) -> Counter[str]:
    """How many documents of each collection a query examines."""
    gateway = filled(count)
    gateway.counted.counts.matched.clear()
    await data_of(gateway, query, **options)
    return Counter(gateway.counted.counts.matched)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("count", [FEW, MANY])
async def test_a_page_examines_no_more_among_many(count: int, name: str) -> None:
    found = await examined(count, PAGE, **{"first": 50, **PAGES[name]})
    assert 0 < found.total() <= MOST_OF_A_PAGE


@pytest.mark.parametrize("count", [FEW, MANY])
async def test_a_rare_kind_is_looked_for_within_bounds(count: int) -> None:
    found = await examined(count, PAGE, first=50, filter={"status": "FAILED"})
    assert found["interview_entries"] <= 8 * MOST_EXAMINED


@pytest.mark.parametrize("count", [FEW, MANY])
async def test_a_submitters_own_are_listed_within_bounds(count: int) -> None:
    own = {"role": "candidate", "subject": "user-1"}
    assert (await examined(count, PAGE, first=50, **own)).total() <= MOST_OF_A_PAGE
    found = await examined(count, '{ interviews(userId: "user-1") { id } }')
    assert 0 < found.total() <= MOST_OF_A_PAGE


async def test_the_next_page_costs_no_more_than_the_first() -> None:
    gateway = filled(MANY)
    first = await data_of(gateway, PAGE, first=50)
    after = first["interviewConnection"]["pageInfo"]["endCursor"]
    assert (await examined(MANY, PAGE, first=50, after=after)).total() <= MOST_OF_A_PAGE


async def test_analytics_examine_as_many_buckets_whatever_is_in_them() -> None:
    span = {"start": "2026-02-20T00:00:00Z", "end": "2026-02-27T00:00:00Z"}
    few, many = [await examined(count, ANALYTICS, range=span) for count in (FEW, MANY)]
    assert few == many == {"analytics_days": 2 * 7 * crowd.LANES}
