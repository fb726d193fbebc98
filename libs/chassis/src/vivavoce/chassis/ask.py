"""Questions that a caller waits for: asked over the broker, with a deadline, answered to one process."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from pydantic import ValidationError

from vivavoce.chassis import tracing
from vivavoce.chassis.broker import Broker, source_of
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import (
    DeadlineExceeded,
    FieldProblem,
    InfrastructureAway,
    Overloaded,
    ProviderFault,
    VivaError,
)
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import ASK_SECONDS, ASKED
from vivavoce.chassis.reading import Undecodable, read_headers
from vivavoce.chassis.tracing import SpanKind
from vivavoce.chassis.uow import Database
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.contracts import AskedProblem, AskFailed, Question
from vivavoce.contracts.fact import Value
from vivavoce.contracts.ids import new_id
from vivavoce.contracts.topics import REPLY_PARTITIONS, REPLY_TOPIC

ASK_ID = "ask_id"
REPLY_TOPIC_HEADER = "ask_reply_topic"
REPLY_PARTITION_HEADER = "ask_reply_partition"
DEADLINE_HEADER = "ask_deadline"
ACTOR_HEADER = "ask_actor"
FAILED_TYPE = "ask.failed"
MOST_WAITING = 200
SLOT_SECONDS = 15.0
SLOT_RETRY_SECONDS = 1.0

log = get_logger(__name__)


def reply_type(question: type[Question]) -> str:
    """The CloudEvents type of a question's reply."""
    return f"{question.type}.reply"


class Asker:
    """Asks services and waits for their answers, on a reply partition of its own.

    `run_forever` has to run in the background: it leases the partition as a slot in the database
    and listens on it.
    """

    def __init__(
        self, broker: Broker, database: Database, *, service_name: str, owner: str, clock: Clock
    ) -> None:
        self._broker = broker
        self._leases = database.leases
        self._source = source_of(service_name)
        self._owner = f"{socket.gethostname()}/{owner}"
        self._clock = clock
        self._waiting: dict[str, asyncio.Future[Record]] = {}
        self._awaited = asyncio.Event()
        self._slot: int | None = None
        self._ready = asyncio.Event()

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """The answer, of the question's `reply` class.

        Raises the error that the service named, DeadlineExceeded when none came in time,
        Overloaded when too many questions wait, InfrastructureAway when the broker is away.
        """
        started = monotonic()
        outcome = "answered"
        with tracing.step(f"ask {question.type}", SpanKind.CLIENT, {"viva.question": question.type}):
            try:
                return read_reply(question, await self._exchange(question, tracing.here(context), within))
            except VivaError as error:
                outcome = error.code
                raise
            finally:
                ASKED.labels(question.type, outcome).inc()
                ASK_SECONDS.labels(question.type).observe(monotonic() - started, tracing.exemplar())

    async def run_forever(self) -> None:
        """Hold a reply partition and listen on it, until cancelled."""
        while True:
            for slot in range(REPLY_PARTITIONS):
                try:
                    await self._hold(slot)
                except VivaError as error:
                    log.warning("reply_slot_unavailable", slot=slot, error=error.code, reason=error.message)
            await asyncio.sleep(SLOT_RETRY_SECONDS)

    def occupy(self, slot: int | None) -> None:
        """From now on answers come on this reply partition, or on none."""
        self._slot = slot
        if slot is None:
            self._ready.clear()
        else:
            self._ready.set()

    async def receive(self, record: Record) -> None:
        """Hand an answer to whoever waits for it; answers to others, and late ones, are nobody's."""
        asked = dict(record.headers).get(ASK_ID, b"").decode(errors="replace")
        future = self._waiting.get(asked)
        if future is not None and not future.done():
            future.set_result(record)

    async def _hold(self, slot: int) -> None:
        if not await self._lease(slot):
            return
        try:
            async with self._broker.wire.listen(
                REPLY_TOPIC, self.receive, partition=slot, awaited=self._awaited
            ):
                self.occupy(slot)
                while await self._still_held(slot):
                    await self._clock.sleep(SLOT_SECONDS / 3)
        finally:
            self.occupy(None)
            await self._leases.release(_slot_name(slot), self._owner)

    async def _still_held(self, slot: int) -> bool:
        """Without the database the slot is kept: two that share one only ignore each other's answers."""
        try:
            return await self._lease(slot)
        except InfrastructureAway:
            return True

    async def _lease(self, slot: int) -> bool:
        until = self._clock.now() + timedelta(seconds=SLOT_SECONDS)
        return await self._leases.acquire(_slot_name(slot), self._owner, until)

    async def _exchange(self, question: Question, context: Context, within: timedelta) -> Record:
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded("Too many questions wait for their answers.", retry_after=1.0)
        ask_id = new_id()
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        self._waiting[ask_id] = future
        self._awaited.set()
        deadline = self._clock.now() + within
        try:
            async with asyncio.timeout(within.total_seconds()):
                await self._ready.wait()
                await self._broker.wire.send(self._parcel(question, context, ask_id, deadline))
                return await future
        except TimeoutError as error:
            seconds = within.total_seconds()
            raise DeadlineExceeded(f"No answer to {question.type} came within {seconds} s.") from error
        finally:
            del self._waiting[ask_id]
            if not self._waiting:
                self._awaited.clear()

    def _parcel(self, question: Question, context: Context, ask_id: str, deadline: datetime) -> Parcel:
        envelope = context.envelope(question, event_id=ask_id, source=self._source, time=self._clock.now())
        asking = {
            ASK_ID: ask_id,
            REPLY_TOPIC_HEADER: REPLY_TOPIC,
            REPLY_PARTITION_HEADER: str(self._slot),
            DEADLINE_HEADER: deadline.isoformat(),
        }
        if context.actor is not None:
            asking[ACTOR_HEADER] = context.actor.model_dump_json()
        headers = (*envelope.to_headers(), *((name, value.encode()) for name, value in asking.items()))
        return Parcel(question.topic, question.key.encode(), question.model_dump_json().encode(), headers)


def read_reply(question: Question, record: Record) -> Value:
    """The reply in a record; raises the error that it tells of instead."""
    try:
        type_name = read_headers(record.headers).get("ce_type")
        if type_name == FAILED_TYPE:
            raise error_of(AskFailed.model_validate_json(record.value or b""))
        return question.reply.model_validate_json(record.value or b"")
    except (ValidationError, Undecodable) as error:
        raise ProviderFault(f"The answer to {question.type} can't be read.") from error


def error_of(failure: AskFailed) -> VivaError:
    """The error of the tree that a service named; by its status, when this process lacks its class."""
    kinds = {kind.code: kind for kind in reversed(list(_tree(VivaError)))}
    kind = kinds.get(failure.code)
    if kind is None:
        by_status = {kind.status: kind for kind in reversed(list(_tree(VivaError)))}
        kind = by_status.get(failure.status, VivaError)
    problems = tuple(FieldProblem(problem.path, problem.message) for problem in failure.problems)
    return kind(
        failure.message,
        details={"code": failure.code},
        problems=problems,
        retry_after=failure.retry_after,
    )


def failure_of(error: VivaError) -> AskFailed:
    """What a service answers instead of a reply."""
    problems = tuple(AskedProblem(path=problem.path, message=problem.message) for problem in error.problems)
    return AskFailed(
        code=error.code,
        status=error.status,
        message=error.message,
        problems=problems,
        retry_after=error.retry_after,
    )


def _tree(root: type[VivaError]) -> Iterator[type[VivaError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def _slot_name(slot: int) -> str:
    return f"{REPLY_TOPIC}/{slot}"
