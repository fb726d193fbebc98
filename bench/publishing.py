"""Says scores as evaluation does, straight on the broker, at a rate that doesn't wait for anybody."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.deliveries import Sent
from bench.stack import Stack
from vivavoce.chassis.broker import Broker, make_broker, source_of, to_parcel
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.cli.stack.parts import Plan
from vivavoce.cli.stack.plan import DOORBELL_VARIABLE
from vivavoce.contracts import ScoreGenerated
from vivavoce.contracts.examples import scored
from vivavoce.contracts.ids import new_id

SOURCE = source_of("evaluation")


@dataclass(frozen=True)
class Scored:
    """An answer that is known to the system, and whose scores one endpoint hears of."""

    endpoint: str
    organization: str
    interview_id: str
    answer_id: str

    def fact(self) -> ScoreGenerated:
        """A score of the answer."""
        return scored().model_copy(update={"interview_id": self.interview_id, "answer_id": self.answer_id})


class Publisher:
    """Publishes scores, acknowledged by all replicas, and rings the stack's doorbell."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def publish(self, scored: Scored) -> Sent:
        """Say one score now; returns once the broker has it."""
        now, event_id, fact = datetime.now(UTC), new_id(), scored.fact()
        context = Context(scored.organization, correlation_id=scored.interview_id)
        envelope = context.envelope(fact, event_id=event_id, source=SOURCE, time=now)
        await self._broker.wire.send(to_parcel(fact, envelope))
        return Sent(scored.endpoint, event_id, now.timestamp())

    async def publish_at(self, rate: float, count: int, scores: Sequence[Scored]) -> list[Sent]:
        """Say `count` scores, `rate` per second, of the answers in turn, in time even if the broker isn't."""
        loop = asyncio.get_running_loop()
        started, tasks = loop.time(), []
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
            tasks.append(asyncio.create_task(self.publish(scores[number % len(scores)])))
        return list(await asyncio.gather(*tasks))


@asynccontextmanager
async def publisher(stack: Stack) -> AsyncIterator[Publisher]:
    """A publisher to a stack's broker for the length of a block."""
    broker = make_broker(_settings(stack, _environment(stack)))
    if broker.bell is not None:
        await broker.bell.start()
    await broker.wire.start()
    try:
        yield Publisher(broker)
    finally:
        await broker.wire.stop()
        if broker.bell is not None:
            await broker.bell.stop()


def _environment(stack: Stack) -> Mapping[str, str]:
    plan = Plan.model_validate_json(stack.home.plan.read_text())
    return plan.of("services")[0].environment


def _settings(stack: Stack, services: Mapping[str, str]) -> ServiceSettings:
    return ServiceSettings.model_validate(
        {
            "service_name": "bench",
            "kafka_bootstrap_servers": stack.kafka,
            "kafka_doorbell_folder": services.get(DOORBELL_VARIABLE),
        }
    )
