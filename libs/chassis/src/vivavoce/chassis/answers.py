"""Answers to questions of other services: several at once, none past its deadline."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

from pydantic import ValidationError

from vivavoce.chassis import tracing
from vivavoce.chassis.ask import (
    ACTOR_HEADER,
    ASK_ID,
    DEADLINE_HEADER,
    FAILED_TYPE,
    REPLY_PARTITION_HEADER,
    REPLY_TOPIC_HEADER,
    failure_of,
    reply_type,
)
from vivavoce.chassis.broker import Broker, source_of
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.errors import DeadlineExceeded, InvalidInput, NotFound, Overloaded, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.message_spans import answering
from vivavoce.chassis.metrics import ANSWER_SECONDS, ANSWERED
from vivavoce.chassis.reading import Undecodable, read_envelope, read_headers
from vivavoce.chassis.retry import as_viva
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.contracts import Actor, Envelope, Question
from vivavoce.contracts.fact import Value
from vivavoce.contracts.ids import derived_id

AT_ONCE = 8
MOST_WAITING = 32
REPLIES_KEPT = 200

log = get_logger(__name__)

QUESTION = TypeVar("QUESTION", bound=Question)


@dataclass(frozen=True)
class Answering:
    """One row: which question, and who answers it."""

    question: type[Question]
    handle: Callable[[Any, Context], Awaitable[Value]]


def answer(question: type[QUESTION], handle: Callable[[QUESTION, Context], Awaitable[Value]]) -> Answering:
    """A row of a service's answers. The handler opens its own units of work.

    The context's `causation_id` is the question's id, its `actor` whoever had it asked. A question may
    come twice within its deadline, when a process dies after it answered: what is to happen once derives
    its ids from that.
    """
    return Answering(question, handle)


@dataclass(frozen=True)
class _Asked:
    """A question as it came, and where its answer goes."""

    id: str
    envelope: Envelope
    value: bytes
    reply_topic: str
    reply_partition: int
    deadline: datetime
    actor: Actor | None


class Answerer:
    """Takes the questions of one service. Those past their deadline are dropped unanswered."""

    def __init__(
        self,
        rows: Iterable[Answering],
        broker: Broker,
        *,
        service_name: str,
        clock: Clock,
        at_once: int = AT_ONCE,
    ) -> None:
        self._rows = {row.question.type: row for row in rows}
        self._broker = broker
        self._source = source_of(service_name)
        self._clock = clock
        self._limit = asyncio.Semaphore(at_once)
        self._most = at_once + MOST_WAITING
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._replied: OrderedDict[str, Parcel] = OrderedDict()

    @property
    def topics(self) -> tuple[str, ...]:
        """Where the questions are asked."""
        return tuple(sorted({row.question.topic for row in self._rows.values()}))

    async def take(self, record: Record) -> None:
        """Begin to answer a question; returns at once, so that it may be acknowledged."""
        try:
            asked = _read(record)
        except (Undecodable, ValueError) as error:
            ANSWERED.labels("unknown", "undecodable").inc()
            log.warning("question_undecodable", topic=record.topic, reason=str(error))
            return
        if asked.deadline <= self._clock.now():
            ANSWERED.labels(asked.envelope.type, "late").inc()
        elif asked.id not in self._under_way:
            task = asyncio.create_task(self._answer(asked))
            self._under_way[asked.id] = task
            task.add_done_callback(lambda _: self._under_way.pop(asked.id, None))

    async def finish(self, within: float) -> None:
        """Let what is under way finish for some seconds, then cancel it."""
        tasks = set(self._under_way.values())
        if not tasks:
            return
        _, unfinished = await asyncio.wait(tasks, timeout=within)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _answer(self, asked: _Asked) -> None:
        parcel = self._replied.get(asked.id)
        if parcel is None:
            with answering(asked.envelope), bound(Context.caused_by(asked.envelope, asked.actor)) as context:
                parcel = await self._reply(asked, tracing.here(context))
            self._replied[asked.id] = parcel
            if len(self._replied) > REPLIES_KEPT:
                self._replied.popitem(last=False)
        try:
            await self._broker.wire.send(parcel)
        except VivaError as error:
            log.warning("reply_not_sent", type=asked.envelope.type, error=error.code)

    async def _reply(self, asked: _Asked, context: Context) -> Parcel:
        outcome, started = "answered", monotonic()
        try:
            reply = await self._handle(asked, context)
            type_name = reply_type(self._rows[asked.envelope.type].question)
        except VivaError as error:
            outcome = error.code
            reply = failure_of(error)
            type_name = FAILED_TYPE
        ANSWERED.labels(asked.envelope.type, outcome).inc()
        ANSWER_SECONDS.labels(asked.envelope.type).observe(monotonic() - started, tracing.exemplar())
        return self._parcel(asked, type_name, reply)

    async def _handle(self, asked: _Asked, context: Context) -> Value:
        row = self._rows.get(asked.envelope.type)
        if row is None:
            raise NotFound(f"{asked.envelope.type} is not answered here.")
        if len(self._under_way) > self._most:
            raise Overloaded("Too many questions are being answered.", retry_after=1.0)
        question = _read_question(row.question, asked.value)
        try:
            async with asyncio.timeout((asked.deadline - self._clock.now()).total_seconds()), self._limit:
                return await row.handle(question, context)
        except TimeoutError as error:
            raise DeadlineExceeded(f"{asked.envelope.type} was not answered in time.") from error
        except VivaError:
            raise
        except Exception as error:
            log.exception("answer_failed", type=asked.envelope.type, error=type(error).__name__)
            raise VivaError("The question could not be answered.") from as_viva(error)

    def _parcel(self, asked: _Asked, type_name: str, reply: Value) -> Parcel:
        envelope = asked.envelope.model_copy(
            update={
                "id": derived_id(asked.id, type_name),
                "type": type_name,
                "source": self._source,
                "time": self._clock.now(),
                "causation_id": asked.id,
            }
        )
        return Parcel(
            topic=asked.reply_topic,
            key=asked.envelope.organization_id.encode(),
            value=reply.model_dump_json().encode(),
            headers=(*envelope.to_headers(), (ASK_ID, asked.id.encode())),
            partition=asked.reply_partition,
        )


def _read(record: Record) -> _Asked:
    headers = read_headers(record.headers)
    envelope = read_envelope(record.headers)
    deadline = datetime.fromisoformat(headers.get(DEADLINE_HEADER, ""))
    if deadline.tzinfo is None:
        raise ValueError("The deadline has no time zone.")
    return _Asked(
        id=headers.get(ASK_ID, envelope.id),
        envelope=envelope,
        value=record.value or b"",
        reply_topic=headers.get(REPLY_TOPIC_HEADER, ""),
        reply_partition=int(headers.get(REPLY_PARTITION_HEADER, "")),
        deadline=deadline,
        actor=_read_actor(headers.get(ACTOR_HEADER)),
    )


def _read_actor(told: str | None) -> Actor | None:
    return None if told is None else Actor.model_validate_json(told)


def _read_question(kind: type[QUESTION], value: bytes) -> QUESTION:
    try:
        return kind.model_validate_json(value)
    except ValidationError as error:
        raise InvalidInput(f"The value is not a {kind.type}.") from error
