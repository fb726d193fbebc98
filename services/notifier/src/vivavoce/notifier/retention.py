"""For how long an organization's messages, deliveries and attempts are kept."""

from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.notifier.endpoints import OrganizationSettings


class Retention:
    """Says when what is stored now may be forgotten."""

    def __init__(
        self, organizations: Collection[OrganizationSettings], default_days: int, clock: Clock
    ) -> None:
        self._organizations = organizations
        self._default_days = default_days
        self._clock = clock

    async def days(self, organization_id: str, uow: UnitOfWork | None = None) -> int:
        """The days that the organization has chosen, or the deployment's."""
        chosen = await self._organizations.get(organization_id, organization_id, uow)
        return self._default_days if chosen is None else chosen.retention_days

    async def expiry(self, organization_id: str, uow: UnitOfWork | None = None) -> datetime:
        """When something of the organization that is stored now is forgotten."""
        return self._clock.now() + timedelta(days=await self.days(organization_id, uow))
