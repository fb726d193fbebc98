"""Makes the attempts: one delivery, one attempt, and what follows from its outcome."""

import random

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.jobs import Settle
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.notifier.deliveries import Attempt, Delivery, Endpoint, abandoned, after
from vivavoce.notifier.ports import Sender
from vivavoce.notifier.schedule import next_delay
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.notifier.signing import signed_headers


class Sending:
    """What the pool runs for every delivery that is due."""

    def __init__(
        self,
        endpoints: Collection[Endpoint],
        sender: Sender,
        vault: Vault,
        settings: NotifierSettings,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._sender = sender
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def attempt(self, delivery: Delivery) -> Settle[Delivery]:
        """Make one attempt; the answer says how the delivery is to be stored."""
        endpoint = await self._endpoints.get(delivery.organization_id, delivery.endpoint_id)
        if endpoint is None or not endpoint.active:
            return self._give_up("the endpoint is no longer active")
        secret = self._vault.open(endpoint.sealed_secret)
        headers = signed_headers(secret, delivery.event_id, delivery.body, self._clock.now())
        attempt = await self._sender.send(endpoint.url, delivery.body, headers)
        return self._settle(endpoint, attempt)

    def _give_up(self, reason: str) -> Settle[Delivery]:
        async def settle(uow: UnitOfWork, delivery: Delivery) -> Delivery:
            return abandoned(delivery, reason, self._clock.now())

        return settle

    def _settle(self, endpoint: Endpoint, attempt: Attempt) -> Settle[Delivery]:
        async def settle(uow: UnitOfWork, delivery: Delivery) -> Delivery:
            if attempt.gone:
                await self._disable(endpoint, uow)
                return after(delivery, attempt, delay=None)
            return after(delivery, attempt, self._delay(delivery, attempt))

        return settle

    async def _disable(self, endpoint: Endpoint, uow: UnitOfWork) -> None:
        """An endpoint that was registered anew while the attempt was under way stays as it is now."""
        if await self._endpoints.get(endpoint.organization_id, endpoint.id, uow) == endpoint:
            update = {"active": False, "disabled_reason": "the endpoint answered 410 Gone"}
            await self._endpoints.save(endpoint.model_copy(update=update), uow)

    def _delay(self, delivery: Delivery, attempt: Attempt) -> float | None:
        return next_delay(
            self._settings.webhook_retry_delays,
            len(delivery.tries) + 1,
            self._settings.webhook_retry_jitter,
            random.random(),
            attempt.retry_after,
        )
