"""Keeps the order of what one key has for one endpoint: a lane, whose deliveries go one after the other."""

from datetime import timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import DeliveryStatus, Waiting
from vivavoce.notifier.deliveries import Delivery, due, parked
from vivavoce.notifier.tables import Lane, Tables


class Lanes:
    """Says whose turn it is. Of the pending deliveries of a lane all but its head wait for their turn.

    Every change of a lane changes its document, so that two at once meet and one is run again.
    """

    def __init__(self, tables: Tables, settle: timedelta, clock: Clock) -> None:
        self._lanes = tables.lanes
        self._deliveries = tables.deliveries
        self._settle = settle
        self._clock = clock

    async def enter(self, delivery: Delivery, uow: UnitOfWork) -> Delivery:
        """The delivery as it is to be stored: as the head, or waiting for its turn.

        A head is put off a little, for an earlier fact of its key may still come over another topic. One
        that comes takes its turn, unless the head has been tried.
        """
        lane = await self._lane(delivery, uow)
        head = await self._head(lane, delivery, uow)
        if head is not None and not _goes_before(delivery, head):
            await self._save(lane, head.id, delivery, uow)
            return parked(delivery, Waiting.TURN, self._clock.now())
        await self._save(lane, delivery.id, delivery, uow)
        if head is None:
            now = self._clock.now()
            return due(delivery, now + self._settle, now)
        await self._deliveries.save(parked(head, Waiting.TURN, self._clock.now()), uow)
        return delivery.model_copy(update={"due_at": head.due_at, "waiting": head.waiting})

    async def leave(self, delivery: Delivery, uow: UnitOfWork) -> None:
        """The delivery has ended: if it was the head, the next one of its lane is due."""
        lane = await self._lane(delivery, uow)
        if lane.head not in (None, delivery.id):
            return
        following = await self._promote_next(delivery, uow)
        await self._save(lane, None if following is None else following.id, delivery, uow)

    async def _lane(self, delivery: Delivery, uow: UnitOfWork) -> Lane:
        lane_id, organization = delivery.lane or "", delivery.organization_id
        found = await self._lanes.get(organization, lane_id, uow)
        if found is not None:
            return found
        return Lane(id=lane_id, organization_id=organization, expires_at=delivery.expires_at)

    async def _head(self, lane: Lane, but: Delivery, uow: UnitOfWork) -> Delivery | None:
        """Whose turn it is; that of the next one when the head is no longer there."""
        if lane.head is not None and lane.head != but.id:
            head = await self._deliveries.get(lane.organization_id, lane.head, uow)
            if head is not None and head.status == DeliveryStatus.PENDING:
                return head
        return await self._promote_next(but, uow)

    async def _promote_next(self, but: Delivery, uow: UnitOfWork) -> Delivery | None:
        found = await self._deliveries.find_in_all_organizations(
            {"lane": but.lane, "waiting": Waiting.TURN.value}, sort=(("place", 1),), limit=2, uow=uow
        )
        following = next((delivery for delivery in found if delivery.id != but.id), None)
        if following is None:
            return None
        now = self._clock.now()
        promoted = due(following, now, now)
        await self._deliveries.save(promoted, uow)
        return promoted

    async def _save(self, lane: Lane, head: str | None, cause: Delivery, uow: UnitOfWork) -> None:
        expires_at = max(lane.expires_at, cause.expires_at)
        update = {"head": head, "moves": lane.moves + 1, "expires_at": expires_at}
        await self._lanes.save(lane.model_copy(update=update), uow)


def _goes_before(delivery: Delivery, head: Delivery) -> bool:
    """Whether a delivery may take the head's turn: it is earlier, and the head has not been tried."""
    untried = head.tries == 0 and head.lease_owner is None
    return untried and delivery.place < head.place
