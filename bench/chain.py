"""The bare rival of the pipeline: the same hops and durable commits with aiokafka and pymongo alone.

`STEPS` is the table of what the services do for one interview of one answer; `python -m bench.chain
SERVICE KAFKA MONGODB [idempotent]` is one service's worth of it. Each group of a service has one
consumer that takes one message at a time, as the services' have. A step's transaction writes the inbox
mark, the state and the outbox rows; then the rows are published with acks=all, marked as sent, and the
message's offset is committed.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import CollectionInvalid, DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from bench.waits import ASIDE, CommandTimes, tell, wait_as

Stored = dict[str, Any]

PREFIX = "bare."
DATABASE_PREFIX = "bare_"
PAYLOAD = b"x" * 2048
FETCH_MAX_WAIT_MS = 200
ASSIGNED_POLL_SECONDS = 0.05
SNAPSHOT, MAJORITY = ReadConcern("snapshot"), WriteConcern("majority")
COMPLETED = "interview.completed"
JOINED = frozenset({"media.features", "integrity.reported"})
"""What evaluation must have heard before it says that an interview is complete."""


@dataclass(frozen=True)
class Step:
    """What a group of a service does about one topic: `commits` transactions, then `says`."""

    service: str
    group: str
    takes: str
    says: tuple[str, ...] = ()
    commits: int = 1

    @property
    def name(self) -> str:
        """What the step's waits for the database are called."""
        return f"{self.service}/{self.takes}"


SUBMISSION = Step("gateway", "", "", ("interview.submitted", "recording.requested"))
STEPS = (
    Step("media", "ingest", "recording.requested", ("recording.ingested",), commits=3),
    Step("media", "analysis", "recording.ingested", ("media.features",)),
    Step("proctoring", "watching", "interview.submitted"),
    Step("proctoring", "watching", "media.features", ("proctoring.features", "integrity.reported")),
    Step("evaluation", "judging", "interview.submitted"),
    Step("evaluation", "judging", "media.features", ("score.generated",)),
    Step("evaluation", "settling", "proctoring.features"),
    Step("evaluation", "settling", "integrity.reported"),
    Step("gateway", "gateway", "media.features"),
    Step("gateway", "gateway", "proctoring.features"),
    Step("gateway", "gateway", "integrity.reported"),
    Step("gateway", "gateway", "score.generated"),
    Step("gateway", "gateway", COMPLETED),
    Step("notifier", "deliveries", "score.generated"),
    Step("notifier", "deliveries", COMPLETED),
)
SERVICES = tuple(sorted({step.service for step in STEPS}))
TOPICS = tuple(sorted({*SUBMISSION.says, *(topic for step in STEPS for topic in step.says), COMPLETED}))
LONGEST_PATH = (
    SUBMISSION.name,
    "media/recording.requested",
    "media/recording.ingested",
    "proctoring/media.features",
    "evaluation/integrity.reported",
    f"gateway/{COMPLETED}",
)
"""The steps of which each waits for the one before, from the submission to the stored end."""
IDEMPOTENT = "idempotent"


def commits_per_interview() -> int:
    """Transactions that one interview of one answer takes in all services together."""
    return SUBMISSION.commits + sum(step.commits for step in STEPS)


@dataclass(frozen=True)
class Message:
    """One message of the chain."""

    topic: str
    interview: str
    event_id: str


class BareService:
    """One service's database and producer, and the steps that it takes; `times` are its waits."""

    def __init__(self, name: str, kafka: str, mongodb: str, *, idempotent: bool) -> None:
        self._name = name
        self._kafka = kafka
        self.times = CommandTimes()
        self._client: AsyncMongoClient[Stored] = AsyncMongoClient(
            mongodb, tz_aware=True, w="majority", readConcernLevel="majority", event_listeners=[self.times]
        )
        self._database = self._client[DATABASE_PREFIX + name]
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=kafka, acks="all", enable_idempotence=idempotent
        )

    async def start(self) -> None:
        """Connect, and make the collections, which a transaction need not do then."""
        await self._producer.start()
        for collection in ("inbox", "outbox", "state"):
            try:
                await self._database.create_collection(collection)
            except CollectionInvalid:
                continue

    async def stop(self) -> None:
        """Disconnect."""
        await self._producer.stop()
        await self._client.close()

    async def submit(self) -> str:
        """Take in an interview; returns its id once it is stored and announced."""
        interview = uuid4().hex
        wait_as(SUBMISSION.name)
        await self._publish(await self._transact(SUBMISSION, Message("", interview, ""), 0))
        return interview

    async def has_completed(self, interview: str) -> bool:
        """Whether the end of the interview is in this service's state."""
        wait_as(ASIDE)
        found = await self._database["state"].find_one({"_id": interview, "handled": COMPLETED}, {"_id": 1})
        return found is not None

    async def run_group(self, steps: Sequence[Step], joined: asyncio.Event) -> None:
        """Consume the topics of one group until cancelled; `joined` is set when it has its partitions."""
        topics = {PREFIX + step.takes: step for step in steps}
        consumer: Any = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self._kafka,
            group_id=f"{PREFIX}{self._name}.{steps[0].group}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        )
        await consumer.start()
        try:
            await _assigned(consumer)
            joined.set()
            async for record in consumer:
                step = topics[record.topic]
                await self._take(step, _message(step, record))
                await consumer.commit()
        finally:
            await consumer.stop()

    async def _take(self, step: Step, message: Message) -> None:
        rows: list[Stored] = []
        wait_as(step.name)
        for number in range(step.commits):
            rows = await self._transact(step, message, number)
        await self._publish(rows)

    async def _transact(self, step: Step, message: Message, number: int) -> list[Stored]:
        """The step's commit of this number; the first marks the message, the last has the rows."""

        async def work(session: AsyncClientSession) -> list[Stored]:
            if number == 0 and step.takes:
                await self._database["inbox"].insert_one(_mark(step, message), session=session)
            state = await self._updated_state(message, session)
            rows = _rows(step, message.interview, state["handled"]) if number == step.commits - 1 else []
            if rows:
                await self._database["outbox"].insert_many(rows, session=session)
            return rows

        while True:
            async with self._client.start_session() as session:
                try:
                    return await session.with_transaction(work, SNAPSHOT, MAJORITY)
                except DuplicateKeyError:
                    if await self._database["inbox"].find_one({"_id": _mark(step, message)["_id"]}):
                        return []

    async def _updated_state(self, message: Message, session: AsyncClientSession) -> Stored:
        """By two calls: the embedded database looks through the whole collection for one that does both."""
        states, own = self._database["state"], {"_id": message.interview}
        change = {"$set": {"payload": PAYLOAD}, "$addToSet": {"handled": message.topic}}
        await states.update_one(own, change, upsert=True, session=session)
        return cast("Stored", await states.find_one(own, session=session))

    async def _publish(self, rows: list[Stored]) -> None:
        if not rows:
            return
        await asyncio.gather(*(self._send(row) for row in rows))
        wait_as(ASIDE)
        sent = {"$set": {"sent_at": datetime.now(UTC)}}
        await self._database["outbox"].update_many({"_id": {"$in": [row["_id"] for row in rows]}}, sent)

    async def _send(self, row: Stored) -> None:
        headers = [("id", row["event_id"].encode())]
        await self._producer.send_and_wait(
            PREFIX + row["topic"], PAYLOAD, key=row["aggregate"].encode(), headers=headers
        )


async def _assigned(consumer: Any) -> None:
    while True:
        if consumer.assignment():
            return
        await asyncio.sleep(ASSIGNED_POLL_SECONDS)


def _message(step: Step, record: Any) -> Message:
    return Message(step.takes, record.key.decode(), dict(record.headers)["id"].decode())


def _mark(step: Step, message: Message) -> Stored:
    return {"_id": f"{step.service}.{step.group}/{message.event_id}", "handled_at": datetime.now(UTC)}


def _rows(step: Step, interview: str, handled: Sequence[str]) -> list[Stored]:
    completes = step.service == "evaluation" and step.takes in JOINED and set(handled) >= JOINED
    return [
        {
            "_id": uuid4().hex,
            "event_id": uuid4().hex,
            "topic": topic,
            "aggregate": interview,
            "value": PAYLOAD,
            "created_at": datetime.now(UTC),
            "sent_at": None,
        }
        for topic in (*step.says, *((COMPLETED,) if completes else ()))
    ]


async def run(name: str, kafka: str, mongodb: str, *options: str) -> None:
    """Run one service's steps until SIGTERM; prints `ready` when all its groups have joined."""
    service = BareService(name, kafka, mongodb, idempotent=IDEMPOTENT in options)
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    loop.add_signal_handler(signal.SIGUSR1, tell, service.times)
    await service.start()
    groups: dict[str, list[Step]] = {}
    for step in STEPS:
        if step.service == name:
            groups.setdefault(step.group, []).append(step)
    joined = {group: asyncio.Event() for group in groups}
    tasks = [asyncio.create_task(service.run_group(steps, joined[group])) for group, steps in groups.items()]
    stop = asyncio.create_task(stopping.wait())
    ready = asyncio.create_task(_announce([*joined.values()]))
    await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
    for task in (*tasks, ready):
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    await service.stop()
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _announce(joined: list[asyncio.Event]) -> None:
    await asyncio.gather(*(event.wait() for event in joined))
    print("ready", flush=True)


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
