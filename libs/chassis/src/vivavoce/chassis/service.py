"""The shell of a process: starts what a service is made of, keeps it going, and stops it in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from vivavoce.chassis.answers import AT_ONCE, Answerer, Answering
from vivavoce.chassis.ask import Asker
from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.broadcasts import Broadcast, hearing
from vivavoce.chassis.broker import Broker, Publisher
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.errors import InfrastructureAway, VivaError
from vivavoce.chassis.groups import (
    POLL_MARGIN_SECONDS,
    make_consumer,
    start_subscriber,
    subscribe,
    subscribe_topics,
)
from vivavoce.chassis.http import Check
from vivavoce.chassis.kafka_lag import report_lag
from vivavoce.chassis.kafka_positions import keep_within_log
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.relay import Relay
from vivavoce.chassis.reports import Reporter
from vivavoce.chassis.retry import Backoff, Patience
from vivavoce.chassis.running import run_service
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import Group
from vivavoce.chassis.uow import Database

__all__ = ["Service", "run_service"]

FLUSH_SECONDS = 5.0
RESTART_SECONDS = 1.0
MOST_CANCELLATIONS = 5

log = get_logger(__name__)

Background = Callable[[], Awaitable[None]]


@dataclass
class Service:
    """What a process consists of.

    `background` are endless tasks, started again when they fail. `checks` decide, with those of
    the database and the broker, whether the process is ready. `prepare` runs once the database is
    there, before anything is consumed. `breakers` are those of providers outside, whose states every
    gateway is told.
    """

    settings: ServiceSettings
    database: Database
    broker: Broker
    groups: Sequence[Group] = ()
    answers: Sequence[Answering] = ()
    broadcasts: Sequence[Broadcast] = ()
    background: Sequence[Background] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    prepare: Sequence[Callable[[], Awaitable[None]]] = ()
    breakers: Sequence[Breaker] = ()
    asker: Asker | None = None
    clock: Clock = field(default_factory=SystemClock)
    answers_at_once: int = AT_ONCE
    """How many questions are answered at the same time."""

    def __post_init__(self) -> None:
        self._shell = _Shell(self)

    def all_checks(self) -> dict[str, Check]:
        """The service's own checks, and those of the database, the broker and the consumers."""
        return {
            "database": self.database.ping,
            "broker": self.broker.wire.ping,
            "consumers": self._shell.check_started,
            **self.checks,
        }

    @property
    def entered(self) -> bool:
        """Whether the lifespan has been entered: the database is there, and background tasks run."""
        return self._shell.entered

    async def report(self) -> None:
        """Tell the gateways how the process fares now, as it does every few seconds while it runs."""
        await self._shell.reporter.report()

    async def run_reports(self) -> None:
        """Tell it again and again, until cancelled."""
        await self._shell.reporter.run_forever()

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Run the service for the length of a block.

        Enters when the database is there and prepared; the broker may come later. Leaves when
        current work is done, or handed back after the grace, and the outbox is published.
        """
        await self._shell.start()
        try:
            yield
        finally:
            await self._shell.stop()


class _Shell:
    """The running parts of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._patience = Patience(service.clock, Backoff())
        self._tasks: list[asyncio.Task[None]] = []
        self._consuming: list[asyncio.Task[None]] = []
        self._relaying: asyncio.Task[None] | None = None
        self._started = asyncio.Event()
        self.entered = False
        settings = service.settings
        self._relay = Relay(
            service.database, service.broker, owner=settings.instance_name, clock=service.clock
        )
        self._answerer = Answerer(
            service.answers,
            service.broker,
            service_name=settings.service_name,
            clock=service.clock,
            at_once=service.answers_at_once,
        )
        publisher = Publisher(service.broker, service_name=settings.service_name, clock=service.clock)
        self.reporter = Reporter(settings, publisher, service.clock, service.all_checks, service.breakers)

    async def check_started(self) -> None:
        """Raises InfrastructureAway until the consumers have joined their groups."""
        if not self._started.is_set():
            raise InfrastructureAway("The consumers have not joined their groups yet.")

    async def start(self) -> None:
        service = self._service
        await self._wait_for("database", service.database.ping)
        await self._wait_for("database", service.database.prepare)
        for prepare in service.prepare:
            await self._wait_for("preparation", prepare)
        if service.broker.bell is not None:
            await service.broker.bell.start()
        self._relaying = self._spawn(self._relay.run_forever)
        self._consuming = [self._spawn(self._consume)]
        self._tasks = [self._spawn(partial(self._hear, row)) for row in service.broadcasts]
        self._tasks += [self._spawn(each) for each in (*service.background, self.reporter.run_forever)]
        if service.asker is not None:
            self._tasks.append(self._spawn(service.asker.run_forever))
        self.entered = True
        log.info("service_started")

    async def stop(self) -> None:
        service, grace = self._service, self._service.settings.shutdown_grace
        log.info("service_stopping")
        self._patience.stopping.set()
        await end_tasks(self._consuming, grace)
        await service.broker.stream.stop()
        await self._answerer.finish(grace)
        await end_tasks(self._tasks, grace)
        await self._stop_relay()
        await service.broker.wire.stop()
        if service.broker.bell is not None:
            await service.broker.bell.stop()
        await service.database.close()
        log.info("service_stopped")

    async def _stop_relay(self) -> None:
        if self._relaying is None:
            return
        self._relay.stop()
        _, unfinished = await asyncio.wait({self._relaying}, timeout=FLUSH_SECONDS)
        if unfinished:
            await end_tasks(unfinished, RESTART_SECONDS)
        else:
            await self._relay.flush(FLUSH_SECONDS)

    def _spawn(self, work: Background) -> asyncio.Task[None]:
        return asyncio.create_task(self._keep_going(work))

    async def _keep_going(self, work: Background) -> None:
        ended = False
        while not ended:
            try:
                await work()
                ended = True
            except VivaError as error:
                log.warning("background_waits", error=error.code, reason=error.message)
                await asyncio.sleep(RESTART_SECONDS)
            except Exception:
                log.exception("background_failed")
                await asyncio.sleep(RESTART_SECONDS)

    async def _wait_for(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                return await step()
            except InfrastructureAway as error:
                attempt += 1
                log.warning("waiting", waits_for=name, attempt=attempt, reason=error.message)
                await asyncio.sleep(self._patience.backoff.seconds(attempt))

    async def _consume(self) -> None:
        """All consumers start together, since each takes seconds to join its group."""
        stream, bell = self._service.broker.stream, self._service.broker.bell
        await self._wait_for("broker", self._service.broker.wire.ping)
        self._register()
        await stream.connect()
        starting = [start_subscriber(subscriber, bell) for subscriber in stream.subscribers]
        consumers: list[Any] = await asyncio.gather(*starting)
        self._consuming += [self._spawn(partial(keep_within_log, consumer)) for consumer in consumers]
        self._consuming += [self._spawn(partial(report_lag, consumer)) for consumer in consumers]
        self._started.set()
        self.reporter.tell_now()
        log.info("consumers_started", groups=[group.name for group in self._service.groups])

    async def _hear(self, row: Broadcast) -> None:
        async with hearing(self._service.broker, row):
            await asyncio.Event().wait()

    def _register(self) -> None:
        service, settings = self._service, self._service.settings
        stream, bell = service.broker.stream, service.broker.bell
        for group in service.groups:
            consumer = make_consumer(
                group,
                service_name=settings.service_name,
                database=service.database,
                patience=self._patience,
            )
            subscribe(stream, consumer, settings, bell)
        if self._answerer.topics:
            name, topics = f"{settings.service_name}.answers", self._answerer.topics
            subscribe_topics(stream, name, topics, self._answerer.take, settings, POLL_MARGIN_SECONDS, bell)


async def end_tasks(tasks: Iterable["asyncio.Task[None]"], grace: float) -> None:
    """Cancel tasks and wait for them; what goes on after the grace is cancelled again, for a while.

    A cancellation may get lost: Python 3.11's `asyncio.wait_for` swallows one that comes with a result.
    """
    pending, patience = set(tasks), grace
    for _ in range(MOST_CANCELLATIONS):
        for task in pending:
            task.cancel()
        if pending:
            _, pending = await asyncio.wait(pending, timeout=patience)
        patience = RESTART_SECONDS
    for task in pending:
        log.error("task_does_not_end", task=task.get_name())
