"""Measures whether deliveries are taken when they are due, for the gauge."""

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.log import get_logger
from vivavoce.notifier.metrics import OLDEST_DUE
from vivavoce.notifier.tables import Tables

LOOK_SECONDS = 10.0

log = get_logger(__name__)


class Backlog:
    """Looks now and then for what is due and nobody's; every process sees the same."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._deliveries = tables.deliveries
        self._clock = clock

    async def run_forever(self) -> None:
        """Look now and then, until cancelled; while the database is away, the gauge stands still."""
        while True:
            try:
                await self.look()
            except InfrastructureAway as error:
                log.debug("backlog_not_measured", reason=error.message)
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> float:
        """Set the gauge; returns the seconds, 0 when nothing waits to be taken."""
        now = self._clock.now()
        waiting = await self._deliveries.find_in_all_organizations(
            {"due_at": {"$lte": now}, "lease_owner": None}, sort=(("due_at", 1), ("id", 1)), limit=1
        )
        since = [delivery.due_at for delivery in waiting if delivery.due_at is not None]
        seconds = (now - since[0]).total_seconds() if since else 0.0
        OLDEST_DUE.set(seconds)
        return seconds
