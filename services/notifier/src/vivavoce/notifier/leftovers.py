"""Clears away what a version before the first release stored, which this one can't read."""

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Document
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork

PAGE = 200

log = get_logger(__name__)


class Leftover(Document):
    """Any document, of which only its ids are read."""


class Leftovers:
    """Endpoints that were stored with a single secret, and their deliveries; to be registered anew."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._endpoints = database.collection("endpoints", Leftover)
        self._deliveries = database.collection("deliveries", Leftover)

    async def clear(self) -> None:
        """Remove them, an endpoint after its deliveries, so that what was cut off is taken up again."""
        while found := await self._endpoints.find_in_all_organizations(
            {"sealed_secret": {"$ne": None}}, limit=PAGE
        ):
            for endpoint in found:
                await self._clear_deliveries(endpoint)
                await self._clear_endpoint(endpoint)

    async def _clear_deliveries(self, endpoint: Leftover) -> None:
        where = {"endpoint_id": endpoint.id}
        while page := await self._deliveries.find(endpoint.organization_id, where, limit=PAGE):

            async def delete(uow: UnitOfWork, page: list[Leftover] = page) -> None:
                for delivery in page:
                    await self._deliveries.delete(delivery.organization_id, delivery.id, uow)

            await self._database.transact(_context(endpoint), delete)

    async def _clear_endpoint(self, endpoint: Leftover) -> None:
        async def delete(uow: UnitOfWork) -> None:
            await self._endpoints.delete(endpoint.organization_id, endpoint.id, uow)

        await self._database.transact(_context(endpoint), delete)
        log.warning("endpoint_of_an_earlier_version_removed", endpoint_id=endpoint.id)


def _context(endpoint: Leftover) -> Context:
    return Context(organization_id=endpoint.organization_id, correlation_id=endpoint.id)
