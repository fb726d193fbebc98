"""Analytics by day: each interview counts once, whatever is repeated, replayed or late."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import answered, codes_of, data_of
from tests.support.gateway import ACME, NOON, GatewayBench
from tests.support.interview_facts import AnswerFacts
from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.wire import Record
from vivavoce.contracts import (
    CompetencyTotal,
    Envelope,
    Fact,
    InterviewCompleted,
    InterviewSubmitted,
    NullReason,
    RejectionReason,
)
from vivavoce.gateway.app import assemble_replay
from vivavoce.gateway.interviews import analytics
from vivavoce.gateway.interviews.analytics import CompetencySums, Counts, Sums, score_sums
from vivavoce.gateway.replay import ReplayReport

TOTALS = """submitted ended completed partial failed completionRate failureRate answers scored averageScore
  scoreDeviation scoreHistogram nullReasons { reason count } integrity { band count } averageSecondsToEnd
  secondsToEndHistogram { upToSeconds count } competencies { name averageScore scored unscored }"""
ASK = f"""query Ask($range: TimeRange!) {{ analytics(timeRange: $range) {{ start end totals {{ {TOTALS} }}
  days {{ day totals {{ submitted ended averageScore }} }} previous {{ submitted ended }} }} }}"""
SPAN = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-05T00:00:00Z"}


async def asked(gateway: GatewayBench, span: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    """The analytics of a span."""
    found: dict[str, Any] = (await data_of(gateway, ASK, range=span or SPAN, **options))["analytics"]
    return found


async def submitted(gateway: GatewayBench, number: int = 1) -> tuple[AnswerFacts, InterviewSubmitted]:
    """An interview that was handed in, and the gateway's own fact about it."""
    facts = AnswerFacts(request_id=f"req-{number}")
    await gateway.submit(request_id=facts.request_id)
    found = [fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewSubmitted)]
    return facts, next(fact for fact in found if fact.interview_id == facts.interview_id)


def ended(
    facts: AnswerFacts, at: datetime, overall: float | None = 80.0, **changes: Any
) -> InterviewCompleted:
    """An interview's end at a time."""
    return facts.completed(overall).model_copy(update={"completed_at": at, **changes})


async def test_an_interview_counts_on_the_days_of_its_submission_and_of_its_end(
    gateway: GatewayBench,
) -> None:
    facts, begun = await submitted(gateway)
    await gateway.tell(begun, ended(facts, NOON + timedelta(hours=13)))
    found = await asked(gateway)
    assert found["days"] == [
        {"day": "2026-03-01", "totals": {"submitted": 0, "ended": 0, "averageScore": None}},
        {"day": "2026-03-02", "totals": {"submitted": 1, "ended": 0, "averageScore": None}},
        {"day": "2026-03-03", "totals": {"submitted": 0, "ended": 1, "averageScore": 80.0}},
        {"day": "2026-03-04", "totals": {"submitted": 0, "ended": 0, "averageScore": None}},
    ]
    assert (found["totals"]["averageSecondsToEnd"], found["totals"]["completionRate"]) == (46_800.0, 1.0)
    assert found["totals"]["secondsToEndHistogram"][9] == {"upToSeconds": 86_400.0, "count": 1}


async def test_totals_say_what_became_of_interviews(gateway: GatewayBench) -> None:
    for number, (score, reason) in enumerate(
        (
            (80.0, None),
            (100.0, None),
            (None, NullReason.INSUFFICIENT_SPEECH),
            (None, RejectionReason.NOT_FOUND),
        )
    ):
        facts, begun = await submitted(gateway, number)
        competency = CompetencyTotal(name="teamwork", weight=1, score=score, reason=reason)
        end = facts.completed(score, reason).model_copy(
            update={"competencies": (competency,), "completed_at": NOON + timedelta(seconds=20)}
        )
        await gateway.tell(begun, end)
    totals = (await asked(gateway))["totals"]
    assert (totals["submitted"], totals["completed"], totals["failed"], totals["answers"]) == (4, 2, 2, 4)
    assert (totals["completionRate"], totals["failureRate"]) == (0.5, 0.5)
    assert (totals["scored"], totals["averageScore"], totals["scoreDeviation"]) == (2, 90.0, 10.0)
    assert totals["scoreHistogram"] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert totals["nullReasons"] == [
        {"reason": "insufficient_speech", "count": 1},
        {"reason": "not_found", "count": 1},
    ]
    assert {each["band"]: each["count"] for each in totals["integrity"]}["ELEVATED"] == 4
    assert totals["competencies"] == [{"name": "teamwork", "averageScore": 90.0, "scored": 2, "unscored": 2}]


async def told_in_every_order(folder: Path) -> list[dict[str, Any]]:
    """What is told after the facts of two interviews came in each order, over several partitions."""
    pictures = []
    for order in list(permutations(range(4)))[::5]:
        gateway = GatewayBench(folder)
        told: list[Fact] = []
        for number in range(2):
            facts, begun = await submitted(gateway, number)
            told += [begun, ended(facts, NOON + timedelta(hours=11 + number * 2), 60.1 + number)]
        for place in order:
            await gateway.tell(told[place], partition=place)
        pictures.append(await asked(gateway))
    return pictures


async def test_every_order_over_a_days_border_gives_the_same_picture(tmp_path: Path) -> None:
    pictures = await told_in_every_order(tmp_path)
    assert all(picture == pictures[0] for picture in pictures)
    assert [day["totals"]["ended"] for day in pictures[0]["days"]] == [0, 1, 1, 0]


async def test_what_is_told_again_counts_no_second_time(gateway: GatewayBench) -> None:
    facts, begun = await submitted(gateway)
    end = ended(facts, NOON)
    for event_id in ("one", "one", "another"):
        await gateway.tell(begun, event_id=f"begin-{event_id}")
        await gateway.tell(end, event_id=f"end-{event_id}", partition=3)
    later = ended(facts, NOON + timedelta(days=1), 10.0)
    await gateway.tell(later, event_id="a second end")
    totals = (await asked(gateway))["totals"]
    assert (totals["submitted"], totals["ended"], totals["averageScore"]) == (1, 1, 80.0)


async def test_an_interview_that_the_gateway_ends_itself_counts_by_that_end(gateway: GatewayBench) -> None:
    facts, _ = await submitted(gateway)
    for _ in range(40):
        await gateway.clock.advance(timedelta(days=1))
        await gateway.sweeper.sweep()
    ends = [fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewCompleted)]
    await gateway.tell(*ends, event_id="own")
    await gateway.tell(ended(facts, gateway.clock.now()), event_id="late")
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"}
    totals = (await asked(gateway, span))["totals"]
    assert (totals["ended"], totals["failed"]) == (1, 1)
    assert totals["nullReasons"] == [{"reason": "never_acknowledged", "count": 1}]


async def test_an_override_changes_no_count(gateway: GatewayBench) -> None:
    facts, begun = await submitted(gateway)
    await gateway.tell(begun, ended(facts, NOON))
    change = 'mutation { updateScore(interviewId: "%s", score: { overall: 1, reason: "x" }) { id } }'
    await data_of(gateway, change % facts.interview_id)
    assert (await asked(gateway))["totals"]["averageScore"] == 80.0


async def replay(gateway: GatewayBench, *facts: Fact, dry_run: bool = False) -> ReplayReport:
    """What a replay of these facts, with the ids that they had, comes to."""

    async def records() -> AsyncIterator[Record]:
        for fact in facts:
            envelope = Envelope(
                id=f"id of {fact.type}/{fact.key}",
                type=fact.type,
                source="/vivavoce/test",
                time=NOON,
                subject=fact.key,
                organization_id=ACME,
                correlation_id="corr",
            )
            parcel = to_parcel(fact, envelope)
            yield Record(parcel.topic, 1, 0, parcel.key, parcel.value, parcel.headers)

    run = assemble_replay(gateway.settings, gateway.database, gateway.store, gateway.clock, dry_run=dry_run)
    return await run.run(records())


async def test_a_replay_neither_loses_nor_doubles(gateway: GatewayBench) -> None:
    facts, begun = await submitted(gateway)
    end = ended(facts, NOON)
    await gateway.tell(begun, event_id=f"id of {begun.type}/{begun.key}")
    await gateway.tell(end, event_id=f"id of {end.type}/{end.key}")
    before = await asked(gateway)
    report = await replay(gateway, begun, end, end)
    assert (report.unchanged, report.repeated) == (2, 1)
    assert await asked(gateway) == before


async def test_a_replay_counts_what_was_never_counted(gateway: GatewayBench) -> None:
    facts, begun = await submitted(gateway)
    tried = await replay(gateway, begun, ended(facts, NOON), dry_run=True)
    assert (tried.applied, (await asked(gateway))["totals"]["submitted"]) == (2, 0)
    done = await replay(gateway, begun, ended(facts, NOON))
    totals = (await asked(gateway))["totals"]
    assert (done.applied, totals["submitted"], totals["ended"]) == (2, 1, 1)


async def test_counts_that_were_thrown_away_come_back_by_a_replay(gateway: GatewayBench) -> None:
    facts, begun = await submitted(gateway)
    end = ended(facts, NOON)
    await gateway.tell(begun, end)
    before = await asked(gateway)
    days = gateway.parts.interviews.days

    async def forget(uow: Any) -> None:
        for kept in (days.buckets, days.counted):
            for each in await kept.find(ACME):
                await kept.delete(ACME, each.id, uow)

    await gateway.database.transact(Context(ACME, "c"), forget)
    assert (await asked(gateway))["totals"]["submitted"] == 0
    await replay(gateway, begun, end)
    assert await asked(gateway) == before


async def test_the_days_before_are_there_to_compare_with(gateway: GatewayBench) -> None:
    facts, begun = await submitted(gateway)
    await gateway.tell(begun, ended(facts, NOON))
    found = await asked(gateway, {"start": "2026-03-03T00:00:00Z", "end": "2026-03-05T00:00:00Z"})
    assert (found["totals"]["submitted"], found["previous"]) == (0, {"submitted": 1, "ended": 1})


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-03-02T23:59:59+00:00", "2026-03-03T00:00:00+00:00", ["2026-03-02"]),
        ("2026-03-02T02:00:00+03:00", "2026-03-02T03:00:00+03:00", ["2026-03-01"]),
        ("2026-03-01T20:00:00-05:00", "2026-03-01T20:00:01-05:00", ["2026-03-02"]),
        ("2026-03-02T00:00:00.000001Z", "2026-03-03T00:00:00.000001Z", ["2026-03-02", "2026-03-03"]),
        (
            "2024-02-28T12:00:00+14:00",
            "2024-02-29T23:00:00-12:00",
            ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"],
        ),
    ],
)
async def test_a_span_of_any_offset_covers_whole_days_in_utc(
    gateway: GatewayBench, start: str, end: str, days: list[str]
) -> None:
    found = await asked(gateway, {"start": start, "end": end})
    assert [each["day"] for each in found["days"]] == days
    assert (found["start"][:10], found["start"][10:]) == (days[0], "T00:00:00+00:00")


@pytest.mark.parametrize(
    ("start", "end", "code", "told"),
    [
        ("2026-03-05T00:00:00Z", "2026-03-01T00:00:00Z", "invalid_input", "later than"),
        ("2026-03-05T00:00:00Z", "2026-03-05T03:00:00+03:00", "invalid_input", "later than"),
        ("2020-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "invalid_input", "at most 366"),
        ("2026-03-01T00:00:00", "2026-03-02T00:00:00", "invalid_input", "offset"),
        ("0001-01-01T00:00:00+14:00", "0001-01-02T00:00:00Z", "invalid_input", "calendar"),
        ("9999-12-31T00:00:00Z", "9999-12-31T23:59:59-14:00", "invalid_input", "calendar"),
        ("2016-12-31T23:59:60Z", "2017-01-02T00:00:00Z", "graphql_validation_failed", "second"),
        ("yesterday", "2026-03-02T00:00:00Z", "graphql_validation_failed", "yesterday"),
        ("2026-02-30T00:00:00Z", "2026-03-02T00:00:00Z", "graphql_validation_failed", "day"),
    ],
)
async def test_a_span_that_cannot_be_is_refused(
    gateway: GatewayBench, start: str, end: str, code: str, told: str
) -> None:
    body = await answered(gateway, ASK, range={"start": start, "end": end})
    assert (body["errors"][0]["extensions"]["code"], told in body["errors"][0]["message"]) == (code, True)


async def test_how_long_a_span_may_be_is_a_setting(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, analytics_max_days=3)
    assert await codes_of(gateway, ASK, range=SPAN) == ["invalid_input"]


def test_a_histogram_takes_the_ends_of_the_scale() -> None:
    both = analytics.added_sums([score_sums(0.0), score_sums(100.0), score_sums(9.99), score_sums(None)])
    assert (both.count, analytics.binned(both, 10)) == (3, [2, 0, 0, 0, 0, 0, 0, 0, 0, 1])


def test_competencies_are_bounded_whatever_positions_call_them() -> None:
    many = [
        Counts(competencies=(CompetencySums(name=f"skill {number}", scores=score_sums(50.0)),))
        for number in range(200)
    ]
    assert len(analytics.added(many).competencies) == analytics.MOST_COMPETENCIES


def test_of_nothing_there_is_neither_mean_nor_rate() -> None:
    assert (analytics.mean(Sums()), analytics.deviation(Sums())) == (None, None)


def test_days_before_end_where_days_begin() -> None:
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    days = analytics.days_between(begin, begin + timedelta(days=2), 10)
    assert days.before().last + analytics.DAY == days.first
    assert days.before().count == days.count == 2
