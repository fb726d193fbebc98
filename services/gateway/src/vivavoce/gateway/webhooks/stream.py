"""What changes in an organization's webhooks, as server-sent events: for the portal, while somebody looks."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sse_starlette import ServerSentEvent

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import NotFound, Overloaded, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.contracts import ListDeliveries, WebhookDelivery, WebhookEndpoint
from vivavoce.contracts.webhook_limits import MOST_ON_A_PAGE
from vivavoce.gateway.records.stream import SEPARATOR, keep_alive
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.webhooks.log import Log
from vivavoce.gateway.webhooks.log_schemas import delivery_body
from vivavoce.gateway.webhooks.schemas import Body, webhook_body
from vivavoce.gateway.webhooks.service import Endpoints

OVERLAP = timedelta(seconds=10)
"""What was stored a little before the last look may have become visible only after it."""
MOST_PAGES = 5
MOST_ENDPOINTS = 10
RETRY_AFTER_SECONDS = 30.0

log = get_logger(__name__)


@dataclass
class Follower:
    """One reader: what it follows, up to when it has been told, and what."""

    context: Context
    webhook_id: str | None
    told_until: datetime
    deliveries: dict[str, datetime] = field(default_factory=dict)
    endpoints: dict[str, WebhookEndpoint] = field(default_factory=dict)

    def news(self, found: list[WebhookDelivery]) -> list[WebhookDelivery]:
        """Those of the deliveries that have not been told as they are, oldest change first."""
        new = [each for each in reversed(found) if self.deliveries.get(each.id) != each.updated_at]
        self.deliveries = {each.id: each.updated_at for each in found}
        return new

    def is_news(self, endpoint: WebhookEndpoint) -> bool:
        """Whether the endpoint has not been told as it is."""
        known = self.endpoints.get(endpoint.id)
        self.endpoints[endpoint.id] = endpoint
        return known != endpoint


class Streams:
    """Asks the notifier what changed, every few seconds for each reader; an organization may have some."""

    def __init__(self, endpoints: Endpoints, log: Log, clock: Clock, settings: GatewaySettings) -> None:
        self._endpoints = endpoints
        self._log = log
        self._clock = clock
        self._poll = settings.portal_poll_seconds
        self._most = settings.webhook_streams
        self._open: Counter[str] = Counter()

    async def follow(self, context: Context, webhook_id: str | None) -> AsyncGenerator[ServerSentEvent, None]:
        """The events from now on; raises NotFound, or Overloaded when too many are open."""
        if self._open[context.organization_id] >= self._most:
            raise Overloaded(
                f"The organization has {self._most} streams open here: close one.",
                retry_after=RETRY_AFTER_SECONDS,
            )
        follower = Follower(context, webhook_id, self._clock.now())
        if webhook_id is not None:
            follower.is_news(await self._endpoints.get(context, webhook_id))
        return self._told(follower)

    async def _told(self, follower: Follower) -> AsyncGenerator[ServerSentEvent, None]:
        organization = follower.context.organization_id
        self._open[organization] += 1
        try:
            yield keep_alive()
            while True:
                try:
                    for event in await self._look(follower):
                        yield event
                except NotFound:
                    return
                except VivaError as error:
                    log.warning("stream_waits", organization_id=organization, reason=error.message)
                    yield keep_alive()
                await asyncio.sleep(self._poll)
        finally:
            self._open -= Counter({organization: 1})

    async def _look(self, follower: Follower) -> list[ServerSentEvent]:
        now = self._clock.now()
        deliveries = follower.news(await self._changed(follower))
        endpoints = await self._touched(follower, deliveries)
        follower.told_until = now
        return [
            *(_event("delivery", delivery_body(each)) for each in deliveries),
            *(_event("endpoint", webhook_body(each)) for each in endpoints if follower.is_news(each)),
        ]

    async def _changed(self, follower: Follower) -> list[WebhookDelivery]:
        found: list[WebhookDelivery] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            question = ListDeliveries(
                organization_id=follower.context.organization_id,
                endpoint_id=follower.webhook_id,
                updated_after=follower.told_until - OVERLAP,
                cursor=cursor,
                limit=MOST_ON_A_PAGE,
            )
            page = await self._log.deliveries(follower.context, question)
            found += page.deliveries
            cursor = page.next_cursor
            if cursor is None:
                break
        return found

    async def _touched(self, follower: Follower, deliveries: list[WebhookDelivery]) -> list[WebhookEndpoint]:
        """The endpoint that is followed, or those whose settings changed or that something was sent to."""
        if follower.webhook_id is not None:
            return [await self._endpoints.get(follower.context, follower.webhook_id)]
        changed = await self._endpoints.list(
            follower.context, limit=MOST_ENDPOINTS, updated_after=follower.told_until - OVERLAP
        )
        found = {endpoint.id: endpoint for endpoint in changed.endpoints}
        for each in dict.fromkeys(delivery.endpoint_id for delivery in reversed(deliveries)):
            if each not in found and len(found) < MOST_ENDPOINTS:
                found.update(await self._one(follower.context, each))
        return list(found.values())

    async def _one(self, context: Context, endpoint_id: str) -> dict[str, WebhookEndpoint]:
        try:
            return {endpoint_id: await self._endpoints.get(context, endpoint_id)}
        except NotFound:
            return {}


def _event(name: str, body: Body) -> ServerSentEvent:
    return ServerSentEvent(body.model_dump_json(by_alias=True), event=name, sep=SEPARATOR)
