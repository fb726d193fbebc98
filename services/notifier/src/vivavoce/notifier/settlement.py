"""Stores what came of an attempt, and what follows for the endpoint, in one commit."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.jobs import Settle
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import DeliveryStatus, Waiting, ids
from vivavoce.notifier import redaction
from vivavoce.notifier.deliveries import (
    Attempt,
    Delivery,
    Outcome,
    attempted,
    delayed,
    due,
    ended,
    is_early,
    parked,
    place_of,
)
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.lanes import Lanes
from vivavoce.notifier.metrics import observe
from vivavoce.notifier.news import News
from vivavoce.notifier.schedule import next_delay
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.notifier.tables import Tables
from vivavoce.notifier.watch import Verdict, Watch


@dataclass(frozen=True)
class Made:
    """An attempt that was made: what was sent, what came of it, and the secrets to keep out of the log."""

    headers: dict[str, str]
    outcome: Outcome
    secrets: tuple[str, ...]


class Settlement:
    """Makes what the pool stores at the end of a run."""

    def __init__(
        self,
        tables: Tables,
        lanes: Lanes,
        watch: Watch,
        settings: NotifierSettings,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._lanes = lanes
        self._watch = watch
        self._settings = settings
        self._clock = clock
        self._wake = wake

    def cancel(self, reason: str) -> Settle[Delivery]:
        """The delivery is no longer wanted."""

        async def settle(uow: UnitOfWork, delivery: Delivery) -> Delivery:
            cancelled = ended(delivery, DeliveryStatus.CANCELLED, self._clock.now(), reason)
            return await self._left(cancelled, uow)

        return settle

    def park(self, waiting: Waiting) -> Settle[Delivery]:
        """The delivery waits for its endpoint, without costing anything."""

        async def settle(uow: UnitOfWork, delivery: Delivery) -> Delivery:
            return parked(delivery, waiting, self._clock.now())

        return settle

    def put_off(self, slot: datetime) -> Settle[Delivery]:
        """The delivery has a slot of its endpoint's rate limit, which is no try."""

        async def settle(uow: UnitOfWork, delivery: Delivery) -> Delivery:
            return due(delivery.model_copy(update={"slot": slot}), slot, self._clock.now())

        return settle

    def of(self, endpoint: Endpoint, made: Made) -> Settle[Delivery]:
        """Whatever follows from an attempt."""
        attempt_id, chance = ids.new_id(), random.random()

        async def settle(uow: UnitOfWork, delivery: Delivery) -> Delivery:
            attempt = attempt_of(delivery, endpoint, made, attempt_id)
            await self._tables.attempts.insert(attempt, uow)
            verdict = await self._watch.judge(endpoint, delivery, made.outcome, uow)
            after = await self._concluded(endpoint, delivery, made.outcome, verdict, chance, uow)
            uow.after_commit(lambda: observe(delivery, made.outcome, after))
            return after

        return settle

    async def _concluded(
        self,
        endpoint: Endpoint,
        delivery: Delivery,
        outcome: Outcome,
        verdict: Verdict,
        chance: float,
        uow: UnitOfWork,
    ) -> Delivery:
        now = self._clock.now()
        counts = verdict.counts and not is_early(delivery, now)
        noted = attempted(delivery, outcome, counts=counts)
        if outcome.accepted:
            return await self._left(ended(noted, DeliveryStatus.DELIVERED, now), uow)
        again_at = self._next_try(endpoint, noted, outcome, chance) if counts else noted.next_try_at
        if counts and again_at is None:
            failed = ended(noted, DeliveryStatus.FAILED, now)
            News(uow).exhausted(endpoint, failed)
            return await self._left(failed, uow)
        planned = noted if again_at is None else delayed(noted, again_at, now)
        return planned if verdict.waiting is None else parked(planned, verdict.waiting, now)

    def _next_try(
        self, endpoint: Endpoint, delivery: Delivery, outcome: Outcome, chance: float
    ) -> datetime | None:
        """By the endpoint's own schedule or the deployment's; None when there is none left."""
        own = endpoint.options.retry_delays
        delay = next_delay(
            self._settings.webhook_retry_delays if own is None else own,
            delivery.tries,
            self._settings.webhook_retry_jitter,
            chance,
            outcome.retry_after,
        )
        return None if delay is None else self._clock.now() + timedelta(seconds=delay)

    async def _left(self, delivery: Delivery, uow: UnitOfWork) -> Delivery:
        if delivery.lane is not None:
            await self._lanes.leave(delivery, uow)
            uow.after_commit(self._wake)
        return delivery


def attempt_of(delivery: Delivery, endpoint: Endpoint, made: Made, attempt_id: str) -> Attempt:
    """The attempt as the log keeps it, without secrets."""
    outcome = made.outcome
    return Attempt(
        id=attempt_id,
        organization_id=delivery.organization_id,
        delivery_id=delivery.id,
        endpoint_id=endpoint.id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        at=outcome.at,
        place=place_of(outcome.at, attempt_id),
        duration=outcome.duration,
        trigger=delivery.trigger,
        url=endpoint.url,
        accepted=outcome.accepted,
        status=outcome.status,
        error=outcome.error,
        request_headers=redaction.request_headers(made.headers),
        response_headers=redaction.response_headers(outcome.response_headers, made.secrets),
        response_body=redaction.masked(outcome.response_body, made.secrets),
        response_cut=outcome.response_cut,
        expires_at=delivery.expires_at,
    )
