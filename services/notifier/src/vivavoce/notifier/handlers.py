"""What the notifier does with facts: store deliveries, and nothing slower."""

from collections.abc import Callable

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Fact
from vivavoce.notifier.deliveries import Delivery, Endpoint, delivery_of


class Handlers:
    """Turns a public fact into one delivery per endpoint that wants it."""

    def __init__(
        self,
        endpoints: Collection[Endpoint],
        deliveries: Collection[Delivery],
        clock: Clock,
        endpoint_limit: int,
        wake: Callable[[], None],
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._clock = clock
        self._endpoint_limit = endpoint_limit
        self._wake = wake

    async def fan_out(self, received: Received[Fact], uow: UnitOfWork) -> None:
        """Store a delivery for every active endpoint of the organization that wants the fact."""
        organization = received.envelope.organization_id
        endpoints = await self._endpoints.find(
            organization, {"active": True}, limit=self._endpoint_limit, uow=uow
        )
        for endpoint in endpoints:
            if received.envelope.type in endpoint.events:
                await self._store(
                    delivery_of(endpoint, received.envelope, received.fact, self._clock.now()), uow
                )
        uow.after_commit(self._wake)

    async def _store(self, delivery: Delivery, uow: UnitOfWork) -> None:
        if await self._deliveries.get(delivery.organization_id, delivery.id, uow) is None:
            await self._deliveries.insert(delivery, uow)
