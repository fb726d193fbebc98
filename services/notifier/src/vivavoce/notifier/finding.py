"""Finds what is asked about, in the asker's organization alone: all else is as if it didn't exist."""

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import Conflict, NotFound
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import Errand, ErrandKind
from vivavoce.notifier.tables import Tables


def no_such(endpoint_id: str) -> NotFound:
    """There is no such endpoint, or not for whoever asks."""
    return NotFound(f"There is no webhook {endpoint_id}.")


class Finder:
    """Each raises NotFound for what isn't there, and for what is another organization's."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def endpoint(self, context: Context, endpoint_id: str, uow: UnitOfWork | None = None) -> Endpoint:
        """A registered endpoint."""
        found = await self._tables.endpoints.get(context.organization_id, endpoint_id, uow)
        if found is None:
            raise no_such(endpoint_id)
        return found

    async def delivery(self, context: Context, delivery_id: str, uow: UnitOfWork | None = None) -> Delivery:
        """A delivery."""
        found = await self._tables.deliveries.get(context.organization_id, delivery_id, uow)
        if found is None:
            raise NotFound(f"There is no delivery {delivery_id}.")
        return found

    async def replay(self, context: Context, endpoint_id: str, replay_id: str) -> Errand:
        """A replay of an endpoint."""
        found = await self._tables.errands.get(context.organization_id, replay_id)
        if found is None or found.kind != ErrandKind.REPLAY or found.endpoint_id != endpoint_id:
            raise NotFound(f"There is no replay {replay_id} of webhook {endpoint_id}.")
        return found


def check_active(endpoint: Endpoint) -> None:
    """Return when the endpoint gets something; raises Conflict that says what to do first."""
    if not endpoint.active:
        detail = f" ({endpoint.disabled_detail})" if endpoint.disabled_detail else ""
        raise Conflict(f"Webhook {endpoint.id} is disabled{detail}: enable it first.")
