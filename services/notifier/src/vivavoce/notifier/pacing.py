"""Holds endpoints to their rate limits, over all processes: attempts get slots, one after the other."""

from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.endpoints import Endpoint, Pace

SLOT_HOLDS = timedelta(seconds=2)
"""How late a slot may be used, for a pool looks once a second; what is later gets another one."""


class Pacing:
    """Gives out slots by the generic cell rate algorithm, without bursts (GCRA; ITU-T I.371)."""

    def __init__(self, database: Database, paces: Collection[Pace], clock: Clock) -> None:
        self._database = database
        self._paces = paces
        self._clock = clock

    async def slot(self, endpoint: Endpoint, delivery: Delivery) -> datetime | None:
        """When the delivery may be tried; None when it may be now."""
        rate, now = endpoint.options.rate_limit, self._clock.now()
        if rate is None or (delivery.slot is not None and now - delivery.slot <= SLOT_HOLDS):
            return None
        slot = await self._reserve(endpoint, timedelta(seconds=1 / rate))
        return slot if slot > now else None

    async def _reserve(self, endpoint: Endpoint, interval: timedelta) -> datetime:
        async def reserve(uow: UnitOfWork) -> datetime:
            known = await self._paces.get(endpoint.organization_id, endpoint.id, uow)
            now = self._clock.now()
            slot = now if known is None else max(now, known.next_free_at)
            pace = Pace(
                id=endpoint.id, organization_id=endpoint.organization_id, next_free_at=slot + interval
            )
            await self._paces.save(pace, uow)
            return slot

        context = Context(organization_id=endpoint.organization_id, correlation_id=endpoint.id)
        return await self._database.transact(context, reserve)
