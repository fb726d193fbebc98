"""Puts messages on their way to endpoints: the first time, and again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import DeliveryStatus, Trigger, Waiting, ids
from vivavoce.notifier import filters
from vivavoce.notifier.deliveries import Delivery, again, parked
from vivavoce.notifier.endpoints import Endpoint, Standing
from vivavoce.notifier.lanes import Lanes
from vivavoce.notifier.messages import Message, data_of
from vivavoce.notifier.sending import Ready
from vivavoce.notifier.standing import is_shut
from vivavoce.notifier.tables import Tables

Claim = Callable[[Delivery, Ready, UnitOfWork], Delivery]
"""Has a new delivery begun with the commit, if there is room; returns it as it is to be stored."""


class Dispatch:
    """Stores deliveries: new ones are claimed by this process, and the pool is woken for others."""

    def __init__(
        self, tables: Tables, lanes: Lanes, clock: Clock, wake: Callable[[], None], claim: Claim
    ) -> None:
        self._tables = tables
        self._lanes = lanes
        self._clock = clock
        self._wake = wake
        self._claim = claim

    async def to_all(
        self, message: Message, endpoints: Sequence[Endpoint], uow: UnitOfWork, *, is_new: bool
    ) -> int:
        """A delivery for each endpoint that wants the message and has none yet; how many were made.

        Nobody can have a delivery of a message that `is_new` in this transaction, so that isn't asked.
        """
        wanting = [endpoint for endpoint in endpoints if wants(endpoint, message)]
        standings = await self._standings(wanting, uow)
        made = 0
        for endpoint in wanting:
            if is_new or await self.delivery(endpoint, message, uow) is None:
                await self.first(endpoint, message, uow, standing=standings.get(endpoint.id))
                made += 1
        return made

    async def first(
        self,
        endpoint: Endpoint,
        message: Message,
        uow: UnitOfWork,
        *,
        trigger: Trigger = Trigger.SCHEDULE,
        standing: Standing | None = None,
    ) -> Delivery:
        """Store the delivery of a message to an endpoint, at its turn where the endpoint is ordered.

        While the endpoint is shut by its standing, the delivery waits for it.
        """
        now = self._clock.now()
        context = uow.context
        led_by = {"correlation_id": context.correlation_id, "traceparent": context.traceparent}
        made = delivery_of(endpoint, message, now).model_copy(update={"trigger": trigger, **led_by})
        if made.lane is not None:
            made = await self._lanes.enter(made, uow)
        if made.due_at is not None and is_shut(standing, made.id, now):
            made = parked(made, Waiting.ENDPOINT, now)
        if made.due_at is not None and made.due_at <= now:
            made = self._claim(made, Ready(endpoint, message), uow)
        await self._tables.deliveries.insert(made, uow)
        return made

    async def again(self, endpoint: Endpoint, delivery: Delivery, uow: UnitOfWork) -> Delivery:
        """Have a delivery sent again as a replay, whatever came of it, under its id and at its turn."""
        now = self._clock.now()
        if delivery.waiting == Waiting.TURN:
            renewed = delivery.model_copy(update={"trigger": Trigger.REPLAY, "updated_at": now})
        else:
            renewed = again(delivery, Trigger.REPLAY, now)
        if delivery.status != DeliveryStatus.PENDING:
            renewed = renewed.model_copy(update=_of_endpoint(endpoint, delivery.key))
            renewed = renewed if renewed.lane is None else await self._lanes.enter(renewed, uow)
        await self._tables.deliveries.save(renewed, uow)
        uow.after_commit(self._wake)
        return renewed

    async def delivery(self, endpoint: Endpoint, message: Message, uow: UnitOfWork) -> Delivery | None:
        """The delivery of a message to an endpoint, if there is one."""
        delivery_id = ids.derived_id(endpoint.id, message.id)
        return await self._tables.deliveries.get(endpoint.organization_id, delivery_id, uow)

    async def _standings(self, endpoints: Sequence[Endpoint], uow: UnitOfWork) -> Mapping[str, Standing]:
        await self._tables.standings.read_ahead([endpoint.id for endpoint in endpoints], uow)
        found = [
            await self._tables.standings.get(endpoint.organization_id, endpoint.id, uow)
            for endpoint in endpoints
        ]
        return {standing.id: standing for standing in found if standing is not None}


def wants(endpoint: Endpoint, message: Message) -> bool:
    """Whether an endpoint has asked for what a message says; never for what is said of itself."""
    return (
        message.event_type in endpoint.events
        and message.about != endpoint.id
        and not message.test
        and (endpoint.options.filter is None or filters.matches(endpoint.options.filter, data_of(message)))
    )


def delivery_of(endpoint: Endpoint, message: Message, now: datetime) -> Delivery:
    """The delivery of a message to an endpoint; the same pair always has the same id."""
    made = Delivery(
        id=ids.derived_id(endpoint.id, message.id),
        organization_id=endpoint.organization_id,
        due_at=now,
        endpoint_id=endpoint.id,
        event_id=message.id,
        event_type=message.event_type,
        key=message.key,
        happened_at=message.happened_at,
        place=f"{message.place}/{endpoint.id}",
        created_at=now,
        updated_at=now,
        expires_at=message.expires_at,
    )
    return made.model_copy(update=_of_endpoint(endpoint, message.key))


def _of_endpoint(endpoint: Endpoint, key: str) -> dict[str, object]:
    """What the endpoint's options make of a delivery when it is put on its way."""
    ordered = endpoint.options.ordered
    return {
        "lane": ids.derived_id(endpoint.id, "lane", key) if ordered else None,
        "concurrency": endpoint.options.concurrency,
    }
