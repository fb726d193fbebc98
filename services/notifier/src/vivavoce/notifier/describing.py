"""Endpoints as the gateway shows them: settings, health, public keys, and how deliveries have fared."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.contracts import (
    DeliveryStatus,
    EndpointHealth,
    SigningKey,
    WebhookEndpoint,
)
from vivavoce.contracts.webhook_limits import MOST_COUNTED
from vivavoce.notifier.deliveries import Attempt
from vivavoce.notifier.endpoints import Endpoint, Standing, StoredSecret
from vivavoce.notifier.standing import health_of
from vivavoce.notifier.tables import Tables

SHUT = (EndpointHealth.PAUSED, EndpointHealth.THROTTLED)


class Descriptions:
    """Describes endpoints of one organization; nothing of it grows with how much was delivered."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def untried(self, endpoint: Endpoint) -> WebhookEndpoint:
        """A new endpoint, of which there is nothing to count."""
        return described(endpoint, None, self._clock.now())

    async def one(self, endpoint: Endpoint) -> WebhookEndpoint:
        """An endpoint with its counts."""
        return (await self.all([endpoint]))[0]

    async def all(self, endpoints: Sequence[Endpoint]) -> tuple[WebhookEndpoint, ...]:
        """Endpoints of one organization with their counts."""
        standings = await self._standings(endpoints)
        found = await asyncio.gather(
            *(self._counted(endpoint, standings.get(endpoint.id)) for endpoint in endpoints)
        )
        return tuple(found)

    async def _standings(self, endpoints: Sequence[Endpoint]) -> Mapping[str, Standing]:
        if not endpoints:
            return {}
        found = await self._tables.standings.find(
            endpoints[0].organization_id,
            {"id": {"$in": [endpoint.id for endpoint in endpoints]}},
            limit=len(endpoints),
        )
        return {standing.id: standing for standing in found}

    async def _counted(self, endpoint: Endpoint, standing: Standing | None) -> WebhookEndpoint:
        latest, delivered, failed, pending = await asyncio.gather(
            self._latest(endpoint),
            self._count(endpoint, DeliveryStatus.DELIVERED),
            self._count(endpoint, DeliveryStatus.FAILED),
            self._count(endpoint, DeliveryStatus.PENDING),
        )
        update = {
            "delivered": delivered,
            "failed": failed,
            "pending": pending,
            "last_delivery_at": latest.at if latest else None,
            "last_status": latest.status if latest else None,
            "last_error": latest.error if latest else None,
        }
        return described(endpoint, standing, self._clock.now()).model_copy(update=update)

    async def _latest(self, endpoint: Endpoint) -> Attempt | None:
        latest = await self._tables.attempts.find(
            endpoint.organization_id, {"endpoint_id": endpoint.id}, sort=(("place", -1),), limit=1
        )
        return latest[0] if latest else None

    async def _count(self, endpoint: Endpoint, status: DeliveryStatus) -> int:
        where = {"endpoint_id": endpoint.id, "status": status.value}
        return await self._tables.deliveries.count(endpoint.organization_id, where, most=MOST_COUNTED)


def described(endpoint: Endpoint, standing: Standing | None, now: datetime) -> WebhookEndpoint:
    """The endpoint without counts."""
    health = health_of(standing, now)
    return WebhookEndpoint(
        id=endpoint.id,
        url=endpoint.url,
        events=endpoint.events,
        active=endpoint.active,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        options=endpoint.options,
        disabled_reason=endpoint.disabled_reason,
        disabled_detail=endpoint.disabled_detail,
        disabled_at=endpoint.disabled_at,
        health=health,
        failing_since=standing.failing_since if standing else None,
        resumes_at=standing.shut_until if standing and health in SHUT else None,
        signing_keys=signing_keys(endpoint.secrets, now),
    )


def signing_keys(secrets: Sequence[StoredSecret], now: datetime) -> tuple[SigningKey, ...]:
    """The public keys that something may be signed with now, newest first."""
    return tuple(
        SigningKey(id=one.id, public_key=one.public_key, since=one.since, until=one.ends_at)
        for one in secrets
        if one.ends_at is None or one.ends_at > now
    )
