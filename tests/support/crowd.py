"""A crowd of interviews, spread evenly over the past, in the form in which they are stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from tests.support.gateway import ACME
from vivavoce.contracts import RiskBand
from vivavoce.gateway.interviews.analytics import Counts, score_sums
from vivavoce.gateway.interviews.days import DayBucket
from vivavoce.gateway.interviews.entries import Entry, Standing, score_key, time_key

SPREAD = timedelta(days=30)
LANES = 6


def id_of(number: int) -> str:
    """The id of one of them."""
    return sha256(f"interview {number}".encode()).hexdigest()[:24]


def entries(count: int, now: datetime) -> Iterator[Entry]:
    """What lists show of them: one in 1,000 has failed, one in 500 has not ended."""
    for number in range(count):
        at = now - SPREAD * number / count
        waits, failed = number % 500 == 7, number % 1_000 == 5
        overall = None if waits or failed else (number * 7_919 % 100_000) / 1_000
        ended = Standing.FAILED if failed else Standing.COMPLETED
        yield Entry(
            id=id_of(number),
            organization_id=ACME,
            submitted_by="user-1",
            candidate_email=f"candidate-{number // 3}@example.org",
            application_id=f"app-{number // 3}",
            external_id=f"int-{number}",
            position_id=f"pos-{number % 10}",
            status=Standing.PROCESSING if waits else ended,
            integrity_band=None if waits else RiskBand.LOW,
            overall=overall,
            submitted_at=at,
            by_submission=time_key(at, id_of(number)),
            by_completion=time_key(None if waits else at + timedelta(seconds=30), id_of(number)),
            by_score=score_key(overall, id_of(number)),
        )


def buckets(count: int, now: datetime) -> Iterator[DayBucket]:
    """The counts of their days."""
    for day in range(SPREAD.days):
        for lane in range(LANES):
            date = (now - timedelta(days=day)).date().isoformat()
            share = count // SPREAD.days // LANES
            counts = Counts(submitted=share, endings={"completed": share}, scores=score_sums(50.0))
            bucket_id = f"{ACME}/{date}/interview.completed/{lane}"
            yield DayBucket(id=bucket_id, organization_id=ACME, day=date, counts=counts)
