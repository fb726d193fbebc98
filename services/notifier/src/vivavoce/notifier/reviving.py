"""Makes an endpoint active again, and has it told what it missed."""

from collections.abc import Callable
from datetime import timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import release_of, replay_of
from vivavoce.notifier.tables import Tables

OVERLAP = timedelta(minutes=10)
"""What happened a little before an endpoint was disabled may have been handled only after that, and clocks of
several machines differ. What has a delivery is left alone."""


class Revival:
    """Changes the endpoint for its caller to store; the errands that follow are in the same commit."""

    def __init__(self, tables: Tables, clock: Clock, wake_errands: Callable[[], None]) -> None:
        self._tables = tables
        self._clock = clock
        self._wake_errands = wake_errands

    async def revived(self, endpoint: Endpoint, uow: UnitOfWork, *, recover: bool = True) -> Endpoint:
        """The endpoint as active, as if nothing had failed; one that was active is only changed in time.

        What was under way goes out now; with `recover` also what happened since it began to fail.
        """
        update = {"active": True, "disabled_reason": None, "disabled_detail": None, "disabled_at": None}
        active = endpoint.model_copy(update={**update, "updated_at": self._clock.now()})
        if endpoint.active:
            return active
        if recover:
            await self._recover(endpoint, uow)
        await self.start_afresh(endpoint, uow)
        return active

    async def start_afresh(self, endpoint: Endpoint, uow: UnitOfWork) -> None:
        """Forget what has failed, and let go what waits for the endpoint."""
        now = self._clock.now()
        await self._tables.standings.delete(endpoint.organization_id, endpoint.id, uow)
        await self._tables.errands.save(release_of(endpoint, now, now), uow)
        uow.after_commit(self._wake_errands)

    async def _recover(self, endpoint: Endpoint, uow: UnitOfWork) -> None:
        now = self._clock.now()
        standing = await self._tables.standings.get(endpoint.organization_id, endpoint.id, uow)
        failing_since = standing.failing_since if standing else None
        since = min(endpoint.disabled_at or now, failing_since or now) - OVERLAP
        since, until = max(since, endpoint.created_at), now + OVERLAP
        await self._tables.errands.save(replay_of(endpoint, since, until, now, missing_only=True), uow)
