"""What every outbox keeps: order, ids, marks."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from tests.support.databases import ACME, CONTEXT, NOON, SOURCE, rejected, requested
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.outbox import Acknowledged, OutboxRow, Refusal
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import Envelope, Fact
from vivavoce.contracts.ids import derived_id

UNCAUSED = Context(organization_id=ACME, correlation_id="corr-2")


async def emitted(database: Database, *facts: Fact, context: Context = CONTEXT) -> None:
    async def work(uow: UnitOfWork) -> None:
        for fact in facts:
            uow.emit(fact)

    await database.transact(context, work)


def details(rows: list[OutboxRow]) -> list[str]:
    return [_rejected_detail(row) for row in rows]


def _rejected_detail(row: OutboxRow) -> str:
    return type(rejected("")).model_validate_json(row.value or b"").detail


def acknowledged(rows: list[OutboxRow], partition: int = 0, first: int = 0) -> list[Acknowledged]:
    return [Acknowledged(row.id, row.topic, partition, first + n) for n, row in enumerate(rows)]


class OutboxSuite:
    async def test_a_fact_becomes_a_row_with_its_cloudevents_headers(self, database: Database) -> None:
        fact = requested("answer-1")
        await emitted(database, fact)
        [row] = await database.outbox.pending(10)
        envelope = Envelope.from_headers({name: value.decode() for name, value in row.headers})
        assert (row.topic, row.key, row.aggregate) == ("recording.requested", b"answer-1", "answer-1")
        assert type(fact).model_validate_json(row.value or b"") == fact
        assert row.event_id == envelope.id
        assert (envelope.source, envelope.organization_id, envelope.subject) == (SOURCE, ACME, "answer-1")
        assert (envelope.correlation_id, envelope.causation_id) == ("corr-1", "event-1")
        assert (envelope.time, row.created_at, row.sent_at) == (NOON, NOON, None)

    async def test_the_same_work_for_the_same_cause_emits_the_same_ids(self, database: Database) -> None:
        await emitted(database, rejected("i1"), rejected("i1"))
        await emitted(database, rejected("i1"), rejected("i1"))
        ids = [row.event_id for row in await database.outbox.pending(10)]
        assert ids[:2] == ids[2:]
        assert ids[0] == derived_id("event-1", "recording.rejected", "i1", "0")
        assert ids[1] == derived_id("event-1", "recording.rejected", "i1", "1")

    async def test_without_a_cause_ids_are_new(self, database: Database) -> None:
        await emitted(database, rejected("i1"), context=UNCAUSED)
        await emitted(database, rejected("i1"), context=UNCAUSED)
        assert len({row.event_id for row in await database.outbox.pending(10)}) == 2

    async def test_a_given_id_is_kept_and_may_be_emitted_again(self, database: Database) -> None:
        async def work(uow: UnitOfWork) -> None:
            uow.emit(rejected("i1"), event_id="the-one")

        await database.transact(CONTEXT, work)
        await database.transact(CONTEXT, work)
        assert [row.event_id for row in await database.outbox.pending(10)] == ["the-one", "the-one"]

    async def test_a_forwarded_message_keeps_its_form(self, database: Database) -> None:
        headers = [("ce_id", b"\xff"), ("twice", b"1"), ("twice", b"2")]

        async def work(uow: UnitOfWork) -> None:
            uow.forward("media.features.dlq", b"\xfe", None, headers)
            uow.forward("media.features.dlq", None, b"{", [])

        await database.transact(CONTEXT, work)
        rows = {row.key: row for row in await database.outbox.pending(10)}
        assert rows[b"\xfe"].value is None
        assert rows[b"\xfe"].headers == tuple(headers)
        assert rows[b"\xfe"].event_id is None
        assert (rows[None].value, rows[None].topic) == (b"{", "media.features.dlq")

    async def test_the_sequence_is_the_commit_order_of_each_aggregate(self, database: Database) -> None:
        committed: dict[str, list[str]] = {"i1": [], "i2": []}

        async def emit_two(interview: str, name: str) -> None:
            await emitted(database, rejected(interview, f"{name}a"), rejected(interview, f"{name}b"))
            committed[interview].append(name)

        await asyncio.gather(*(emit_two(f"i{n % 2 + 1}", f"{n}") for n in range(12)))
        rows = await database.outbox.pending(100)
        for interview, names in committed.items():
            own = [row for row in rows if row.aggregate == interview]
            pairs = [detail[:-1] for detail in details(own)]
            assert [row.sequence for row in own] == list(range(1, 13))
            assert pairs[::2] == pairs[1::2]
            assert sorted(pairs[::2]) == sorted(names)

    async def test_order_holds_although_a_clock_goes_back(
        self, database: Database, clock: ManualClock
    ) -> None:
        await emitted(database, rejected("i1", "first"))
        await clock.advance(timedelta(seconds=-30))
        await emitted(database, rejected("i2", "of another"))
        await emitted(database, rejected("i1", "second"))
        rows = await database.outbox.pending(10)
        own = [row for row in rows if row.aggregate == "i1"]
        assert details(own) == ["first", "second"]
        assert own[0].created_at <= own[1].created_at
        assert details(await database.outbox.pending(2)) == ["of another", "first"]

    async def test_batches_take_up_where_the_last_one_ended(self, database: Database) -> None:
        for n in range(7):
            await emitted(database, rejected("i1", str(n)))
        seen: list[str] = []
        while batch := await database.outbox.pending(3):
            seen += details(batch)
            await database.outbox.mark_sent(acknowledged(batch), NOON)
        assert seen == [str(n) for n in range(7)]

    async def test_the_highest_acknowledged_offset_is_kept(self, database: Database) -> None:
        await emitted(database, rejected("i1"), rejected("i1"), rejected("i1"))
        rows = await database.outbox.pending(10)
        await database.outbox.mark_sent(acknowledged(rows[:2], first=41), NOON)
        await database.outbox.mark_sent(acknowledged(rows[2:], first=7), NOON)
        assert await database.outbox.high_water("recording.rejected", 0) == 42
        assert await database.outbox.high_water("recording.rejected", 1) is None
        assert await database.outbox.high_waters() == {("recording.rejected", 0): 42}

    async def test_what_a_forgetful_broker_was_sent_waits_again(self, database: Database) -> None:
        await emitted(database, rejected("i1", "old"))
        await database.outbox.mark_sent(acknowledged(await database.outbox.pending(10)), NOON)
        await emitted(database, rejected("i1", "new"), requested("a1"))
        later = NOON + timedelta(hours=1)
        await database.outbox.mark_sent(acknowledged(await database.outbox.pending(10)), later)

        assert await database.outbox.requeue_sent_since(later, "recording.rejected") == 1
        assert details(await database.outbox.pending(10)) == ["new"]
        assert set(await database.outbox.high_waters()) == {("recording.requested", 0)}
        assert await database.outbox.requeue_sent_since(NOON) == 2
        assert await database.outbox.high_waters() == {}
        assert (await database.outbox.backlog()).depth == 3

    async def test_the_backlog_tells_depth_and_age(self, database: Database, clock: ManualClock) -> None:
        assert (await database.outbox.backlog()).depth == 0
        assert (await database.outbox.backlog()).oldest is None
        await emitted(database, rejected("i1"))
        await clock.advance(timedelta(minutes=5))
        await emitted(database, rejected("i1"))
        backlog = await database.outbox.backlog()
        assert (backlog.depth, backlog.oldest) == (2, NOON)

    async def test_a_commit_with_facts_wakes_the_relay_and_one_without_does_not(
        self, database: Database
    ) -> None:
        await emitted(database)
        assert not database.outbox.written.is_set()
        await emitted(database, rejected("i1"))
        assert database.outbox.written.is_set()

    async def test_a_refused_row_is_set_aside_and_waits_again_when_it_is_sent_again(
        self, database: Database
    ) -> None:
        await emitted(database, rejected("i1", "large"), rejected("i1", "small"))
        large, _ = await database.outbox.pending(10)
        await database.outbox.set_aside([Refusal(large, "too large")], NOON)
        await database.outbox.set_aside([Refusal(large, "still too large")], NOON)

        [refused] = await database.outbox.refused(10)
        assert (refused.row, refused.reason, refused.refused_at) == (large, "too large", NOON)
        assert details(await database.outbox.pending(10)) == ["small"]
        backlog = await database.outbox.backlog()
        assert (backlog.depth, backlog.refused) == (1, 1)

        assert await database.outbox.send_again([large.id, "no such row"]) == 1
        assert details(await database.outbox.pending(10)) == ["large", "small"]
        assert await database.outbox.refused(10) == []

    async def test_what_is_published_in_the_place_of_a_refused_row_gives_way_when_that_is_sent_again(
        self, database: Database
    ) -> None:
        await emitted(database, rejected("i1", "large"))
        [large] = await database.outbox.pending(10)
        instead = replace(large, value=None, headers=(("left", b"out"),))
        await database.outbox.set_aside([Refusal(large, "too large", instead)], NOON)
        assert await database.outbox.pending(10) == [instead]
        await database.outbox.mark_sent(acknowledged([instead]), NOON)

        await database.outbox.send_again([large.id])

        assert await database.outbox.pending(10) == [large]
