"""Questions that a caller waits for: asked over the broker, with a deadline, answered to one process."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import cast

from pydantic import ValidationError

from vivavoce.chassis.broker import Broker, source_of
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import (
    DeadlineExceeded,
    InfrastructureAway,
    Overloaded,
    ProviderFault,
    VivaError,
)
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import ASK_SECONDS, ASKED
from vivavoce.chassis.reading import Undecodable, read_headers
from vivavoce.chassis.uow import Database
from vivavoce.chassis.wire import Headers, Parcel, Record
from vivavoce.contracts import AskFailed, Envelope, Question
from vivavoce.contracts.fact import Value
from vivavoce.contracts.ids import new_id
from vivavoce.contracts.topics import REPLY_PARTITIONS, REPLY_TOPIC

ASK_ID = "ask_id"
REPLY_TOPIC_HEADER = "ask_reply_topic"
REPLY_PARTITION_HEADER = "ask_reply_partition"
DEADLINE_HEADER = "ask_deadline"
FAILED_TYPE = "ask.failed"
MOST_WAITING = 200
SLOT_SECONDS = 15.0
SLOT_RETRY_SECONDS = 1.0

_log = get_logger(__name__)


@dataclass(frozen=True)
class Refused(Exception):
    """Not raised past this module: what a service answered instead of a reply."""

    failure: AskFailed


def reply_type(question: type[Question]) -> str:
    """The CloudEvents type of a question's reply."""
    return f"{question.type}.reply"


class Asker:
    """Asks services and waits for their answers, on a reply partition of its own.

    `run_forever` has to run in the background: it leases the partition as a slot in the database
    and listens on it.
    """

    def __init__(self, broker: Broker, database: Database, *, service_name: str, owner: str, clock: Clock) -> None:
        self._broker = broker
        self._leases = database.leases
        self._source = source_of(service_name)
        self._owner = f"{socket.gethostname()}/{owner}"
        self._clock = clock
        self._waiting: dict[str, asyncio.Future[Record]] = {}
        self._slot: asyncio.Future[int] | None = None

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """The answer, of the question's `reply` class.

        Raises the error that the service named, DeadlineExceeded when none came in time,
        Overloaded when too many questions wait, InfrastructureAway when the broker is away.
        """
        started = monotonic()
        outcome = "answered"
        try:
            return await self._ask(question, context, within)
        except VivaError as error:
            outcome = error.code
            raise
        finally:
            ASKED.labels(question.type, outcome).inc()
            ASK_SECONDS.labels(question.type).observe(monotonic() - started)

    async def run_forever(self) -> None:
        """Hold a reply partition and listen on it, until cancelled."""
        while True:
            for slot in range(REPLY_PARTITIONS):
                try:
                    await self._hold(slot)
                except VivaError as error:
                    _log.warning("reply_slot_lost", slot=slot, error=error.code, reason=error.message)
            await asyncio.sleep(SLOT_RETRY_SECONDS)

    async def _hold(self, slot: int) -> None:
        if not await self._lease(slot):
            return
        try:
            async with self._broker.wire.listen(REPLY_TOPIC, self._receive, partition=slot):
                self._announce(slot)
                while await self._lease(slot):
                    await asyncio.sleep(SLOT_SECONDS / 3)
        finally:
            self._slot = None
            await self._leases.release(_slot_name(slot), self._owner)

    async def _lease(self, slot: int) -> bool:
        until = self._clock.now() + timedelta(seconds=SLOT_SECONDS)
        return await self._leases.acquire(_slot_name(slot), self._owner, until)
