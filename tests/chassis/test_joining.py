"""What messages that come together are promised: the same as each alone, for fewer commits."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support import facts
from tests.support.databases import NOON
from tests.support.delivery import SOON, Heard, consumer_of, headers_of, memory_database, pending, record
from vivavoce.chassis import joining
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.consumer import consume
from vivavoce.chassis.errors import InvalidInput
from vivavoce.chassis.joining import MOST_TOGETHER, consume_all
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.retry import HandBack
from vivavoce.chassis.subscriptions import Received, on, work
from vivavoce.chassis.uow import RESULT, Share, UnitOfWork
from vivavoce.chassis.wire import Record
from vivavoce.contracts import MediaFeatures, RecordingRequested


class CountingDatabase(MemoryDatabase):
    """Notes how many shares each transaction had."""

    commits: list[int]

    async def transact_together(self, shares: Sequence[Share[RESULT]]) -> list[RESULT]:
        results = await super().transact_together(shares)
        self.commits.append(max(1, len(shares) - 1))  # the first of several reads ahead
        return results


@pytest.fixture
def database() -> CountingDatabase:
    made = CountingDatabase(source="/tested", clock=ManualClock(NOON))
    made.commits = []
    return made


def several(count: int, first: int = 0) -> list[Record]:
    return [record(facts.requested(), f"event-{number}", number) for number in range(first, first + count)]


class Picky(Heard):
    """Refuses one event, each time."""

    def __init__(self, refused: str) -> None:
        super().__init__()
        self._refused = refused

    async def __call__(self, received: Received[RecordingRequested], uow: UnitOfWork) -> None:
        if received.envelope.id == self._refused:
            raise InvalidInput("never")
        await super().__call__(received, uow)
        uow.emit(facts.rejected())


async def test_neighbours_get_one_commit_and_each_its_own_effect(database: CountingDatabase) -> None:
    handler = Heard(emits=facts.rejected())
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)

    assert await consume_all(several(5), consumer) == 5

    assert database.commits == [5]
    assert handler.ids == [f"event-{number}" for number in range(5)]
    causes = {headers_of(row)["ce_causationid"] for row in await pending(database)}
    assert causes == set(handler.ids)


async def test_what_comes_together_says_the_same_under_the_same_ids_as_what_comes_alone() -> None:
    said = []
    for together in (True, False):
        database = memory_database()
        handler = Heard(emits=facts.rejected())
        consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)
        if together:
            await consume_all(several(4), consumer)
        else:
            for one in several(4):
                await consume(one, consumer)
        said.append([(row.event_id, row.key, row.value) for row in await pending(database)])

    assert said[0] == said[1]
    assert len(said[0]) == 4


async def test_one_that_fails_is_put_aside_and_takes_nobody_with_it(database: CountingDatabase) -> None:
    handler = Picky("event-2")
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)

    assert await consume_all(several(5), consumer) == 5

    rows = await pending(database)
    assert {row.topic for row in rows} == {"recording.rejected", "recording.requested.dlq"}
    assert sum(row.topic == "recording.rejected" for row in rows) == 4
    seen = [await database.inbox.seen("tested.work", f"event-{number}") for number in range(5)]
    assert seen == [True] * 5


async def test_one_that_can_not_be_read_is_put_aside_between_its_neighbours(
    database: CountingDatabase,
) -> None:
    handler = Heard()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)
    broken = replace(several(1)[0], value=b"{", offset=2)

    assert await consume_all([*several(2), broken, *several(2, first=3)], consumer) == 5

    assert handler.ids == ["event-0", "event-1", "event-3", "event-4"]
    assert [row.topic for row in await pending(database)] == ["recording.requested.dlq"]
    assert database.commits == [2, 1, 2]


async def test_those_that_come_again_have_no_second_effect(database: CountingDatabase) -> None:
    handler = Heard(emits=facts.rejected())
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)
    await consume_all(several(3), consumer)

    twice = several(1, first=3) * 2
    assert await consume_all([*several(3), *twice], consumer) == 5

    assert len(await pending(database)) == 4


async def test_what_takes_long_is_not_kept_for_its_neighbours(database: CountingDatabase) -> None:
    order: list[str] = []

    async def prepare(received: Received[MediaFeatures]) -> str:
        order.append(f"prepared {received.envelope.id}")
        return received.envelope.id

    async def conclude(_: Received[MediaFeatures], prepared: str, __: UnitOfWork) -> None:
        order.append(f"concluded {prepared}")

    slow = work(MediaFeatures, prepare, conclude, within=SOON)
    consumer = consumer_of(slow, on(RecordingRequested, Heard(), within=SOON), database=database)
    features = [record(facts.features(), f"slow-{number}") for number in range(2)]

    await consume_all([*several(2), *features], consumer)

    assert order == ["prepared slow-0", "concluded slow-0", "prepared slow-1", "concluded slow-1"]
    assert database.commits == [2, 1, 1]


async def test_what_is_quickly_prepared_may_share_too(database: CountingDatabase) -> None:
    concluded: list[str] = []

    async def prepare(received: Received[MediaFeatures]) -> str:
        return received.envelope.id

    async def conclude(received: Received[MediaFeatures], prepared: str, _: UnitOfWork) -> None:
        assert received.envelope.id == prepared
        concluded.append(prepared)

    consumer = consumer_of(
        work(MediaFeatures, prepare, conclude, within=SOON, shares=True), database=database
    )

    await consume_all([record(facts.features(), f"event-{number}") for number in range(3)], consumer)

    assert concluded == ["event-0", "event-1", "event-2"]
    assert database.commits == [3]


async def test_when_one_can_not_be_prepared_the_others_are_not_left_running(
    database: CountingDatabase,
) -> None:
    left: list[str] = []
    together = asyncio.Event()

    async def prepare(received: Received[MediaFeatures]) -> None:
        if together.is_set():
            return
        if received.envelope.id == "event-1":
            together.set()
            raise InvalidInput("not this time")
        try:
            await asyncio.Event().wait()
        finally:
            left.append(received.envelope.id)

    async def conclude(_: Received[MediaFeatures], __: None, ___: UnitOfWork) -> None:
        assert left == ["event-0"]

    row = work(MediaFeatures, prepare, conclude, within=SOON, shares=True)
    records = [record(facts.features(), f"event-{number}") for number in range(2)]

    assert await consume_all(records, consumer_of(row, database=database)) == 2

    assert left == ["event-0"]
    assert await pending(database) == []


async def test_a_transaction_is_bounded(database: CountingDatabase) -> None:
    consumer = consumer_of(on(RecordingRequested, Heard(), within=SOON), database=database)

    await consume_all(several(MOST_TOGETHER + 3), consumer)

    assert database.commits == [MOST_TOGETHER, 3]


async def test_when_time_is_up_the_rest_is_left_for_another_turn(
    database: CountingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "BEGIN_WITHIN_SECONDS", 0.0)
    consumer = consumer_of(on(RecordingRequested, Picky("event-2"), within=SOON), database=database)

    assert await consume_all(several(5), consumer) == 1


async def test_while_the_database_is_away_all_are_handed_back(database: CountingDatabase) -> None:
    handler = Heard()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database, limit=0)
    database.away = True

    with pytest.raises(HandBack):
        await consume_all(several(3), consumer)

    database.away = False
    assert await consume_all(several(3), consumer) == 3
    assert handler.ids == ["event-0", "event-1", "event-2"]


async def test_a_handler_that_hangs_is_given_up_like_one_that_comes_alone() -> None:
    async def hang(_: Received[RecordingRequested], __: UnitOfWork) -> None:
        await asyncio.Event().wait()

    database = memory_database()
    row = on(RecordingRequested, hang, within=timedelta(seconds=0.01), tries=1)

    assert await consume_all(several(2), consumer_of(row, database=database)) == 2

    assert [row.topic for row in await pending(database)] == ["recording.requested.dlq"] * 2
