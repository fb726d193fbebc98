"""For how long an organization's messages, deliveries and attempts are kept."""

from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.notifier.endpoints import OrganizationSettings

REMEMBERED = timedelta(seconds=10)
"""For how long a choice is gone by without another look."""


class Retention:
    """Says when what is stored now may be forgotten. A choice takes effect within seconds."""

    def __init__(
        self, organizations: Collection[OrganizationSettings], default_days: int, clock: Clock
    ) -> None:
        self._organizations = organizations
        self._default_days = default_days
        self._clock = clock
        self._known: dict[str, tuple[datetime, int]] = {}

    async def days(self, organization_id: str, uow: UnitOfWork | None = None) -> int:
        """The days that the organization has chosen, or the deployment's."""
        chosen = await self._organizations.get(organization_id, organization_id, uow)
        return self._default_days if chosen is None else chosen.retention_days

    def changed(self, organization_id: str) -> None:
        """Look again, for the organization has chosen."""
        self._known.pop(organization_id, None)

    async def expiry(self, organization_id: str, uow: UnitOfWork | None = None) -> datetime:
        """When something of the organization that is stored now is forgotten."""
        now = self._clock.now()
        looked_at, days = self._known.get(organization_id, (now - REMEMBERED, 0))
        if now - looked_at >= REMEMBERED:
            days = await self.days(organization_id, uow)
            self._known[organization_id] = (now, days)
        return now + timedelta(days=days)
