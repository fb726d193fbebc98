"""Looks at a running stack from outside: over REST, metrics, topics and what its subscribers got."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import httpx
from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks.webhooks import WebhookVerificationError

from tests.chaos.observed import COMPLETED, SCORED, Letter, Listener, Told
from tests.chaos.poison import MARK
from tests.support.live import LiveStack
from tests.support.messages import Message, read_messages
from tests.support.receiver import Delivered
from tests.support.subscriber import Subscriber
from vivavoce.cli.home import Home
from vivavoce.cli.stack.status import running_plan
from vivavoce.contracts import all_topics
from vivavoce.contracts.topics import DEAD_LETTER_SUFFIX

AT_ONCE = 8
CHECK_SECONDS = 2.0
PENDING_ROWS = "viva_outbox_pending"
KEY = TypeVar("KEY")
VALUE = TypeVar("VALUE")


async def states_of(stack: LiveStack, interviews: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The state of each interview; empty when the gateway doesn't give it."""
    return await _of_each(interviews, stack.interview)


async def results_of(stack: LiveStack, pipelines: Iterable[str]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """The status and body of each job result; 0 when nobody answers."""

    async def result(pipeline: str) -> tuple[int, Mapping[str, Any]]:
        try:
            answered = await stack.result(pipeline)
        except httpx.TransportError:
            return 0, {}
        return answered.status_code, answered.json() if answered.status_code == 200 else {}

    return await _of_each(pipelines, result)


async def _of_each(subjects: Iterable[KEY], look: Callable[[KEY], Awaitable[VALUE]]) -> dict[KEY, VALUE]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(subject: KEY) -> tuple[KEY, VALUE]:
        async with limit:
            return subject, await look(subject)

    return dict(await asyncio.gather(*map(one, subjects)))


async def outboxes(stack: LiveStack) -> dict[str, float]:
    """How many rows wait in each service's outbox, as its metrics say; -1 when it doesn't answer."""
    services = {one.name: one.port for one in running_plan(Home(stack.home)).of("services")}

    async def pending(name: str) -> float:
        try:
            answered = await stack.client.get(f"http://127.0.0.1:{services[name]}/metrics")
        except httpx.TransportError:
            return -1.0
        families = text_string_to_metric_families(answered.text)
        return next((one.samples[0].value for one in families if one.name == PENDING_ROWS), -1.0)

    return await _of_each(services, pending)


class Ear:
    """Listens to one subscriber: checks every signature soon after it came, for they age."""

    def __init__(self, name: str, subscriber: Subscriber) -> None:
        self.name = name
        self._subscriber = subscriber
        self._checked = 0
        self._forged = 0

    async def run_forever(self) -> None:
        """Check now and then, until cancelled."""
        while True:
            self._check()
            await asyncio.sleep(CHECK_SECONDS)

    async def heard(self) -> Listener:
        """What has come so far, and what the notifier still has; -1 when nobody says."""
        self._check()
        delivered = list(self._subscriber.receiver.delivered)
        try:
            waiting = (await self._subscriber.listed())["deliveries"]
        except (httpx.TransportError, AssertionError):
            waiting = {"pending": -1, "failed": -1}
        return Listener(
            name=self.name,
            accepted=tuple(_told(one) for one in delivered if one.accepted),
            heard=tuple(_told(one) for one in delivered),
            forged=self._forged,
            pending=waiting["pending"],
            failed=waiting["failed"],
        )

    def _check(self) -> None:
        fresh = list(self._subscriber.receiver.delivered)[self._checked :]
        for delivered in fresh:
            try:
                self._subscriber.believed(delivered)
            except WebhookVerificationError:
                self._forged += 1
        self._checked += len(fresh)


def _told(delivered: Delivered) -> Told:
    return Told(delivered.event_id, delivered.message["type"], delivered.message["data"])


async def public_events(stack: LiveStack) -> tuple[Told, ...]:
    """The public events that lie on their topics, without what an outsider has put there."""
    messages = await read_messages(stack.home, [SCORED, COMPLETED])
    own = (message for message in messages if MARK not in _headers(message))
    return tuple(Told(_headers(one)["ce_id"], _headers(one)["ce_type"], json.loads(one.value)) for one in own)


async def dead_letters(stack: LiveStack) -> tuple[Letter, ...]:
    """What lies on the topics of dead letters."""
    topics = [topic.name for topic in all_topics() if topic.name.endswith(DEAD_LETTER_SUFFIX)]
    return tuple(map(_letter, await read_messages(stack.home, topics)))


def _letter(message: Message) -> Letter:
    told = _headers(message)
    key = (message.key or b"").decode(errors="replace")
    return Letter(told.get(MARK), key, told["dlq_topic"], told["dlq_group"], told["dlq_error"])


def _headers(message: Message) -> dict[str, str]:
    return {name: value.decode(errors="replace") for name, value in message.headers}
