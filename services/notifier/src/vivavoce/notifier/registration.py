"""Registers and lists webhook endpoints, as the gateway asks."""

from urllib.parse import urlsplit

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import AlreadyExists, Conflict, FieldProblem, InvalidInput
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    ListWebhooks,
    RegisterWebhook,
    WebhookEndpoint,
    WebhookRegistered,
    WebhooksListed,
    ids,
)
from vivavoce.notifier import signing
from vivavoce.notifier.deliveries import OFFERED_EVENTS, Delivery, DeliveryStatus, Endpoint
from vivavoce.notifier.sealing import Vault, public_key, seal_to
from vivavoce.notifier.settings import NotifierSettings

MOST_URL_CHARACTERS = 2048


def problems_of(url: str, events: tuple[str, ...]) -> tuple[FieldProblem, ...]:
    """What is wrong with the wish to register an endpoint, field by field."""
    found: list[FieldProblem] = []
    if not _is_web_address(url):
        found.append(FieldProblem("url", "give an absolute http:// or https:// address"))
    if not events:
        found.append(FieldProblem("events", f"name at least one of {', '.join(OFFERED_EVENTS)}"))
    for position, event in enumerate(events):
        if event not in OFFERED_EVENTS:
            found.append(
                FieldProblem(f"events.{position}", f"{event!r} is not one of {', '.join(OFFERED_EVENTS)}")
            )
    return tuple(found)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= MOST_URL_CHARACTERS
    except ValueError:
        return False


class Registration:
    """The notifier's side of the gateway's webhook settings."""

    def __init__(
        self,
        database: Database,
        endpoints: Collection[Endpoint],
        deliveries: Collection[Delivery],
        vault: Vault,
        settings: NotifierSettings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def register(self, question: RegisterWebhook, context: Context) -> WebhookRegistered:
        """Store a new endpoint; the same question asked again gives the same endpoint.

        Raises InvalidInput with the fields, or Conflict at the organization's limit.
        """
        problems = problems_of(question.url, question.events)
        if problems:
            raise InvalidInput("The webhook can't be registered as it is.", problems=problems)
        reply_key = public_key(question.reply_key)
        secret = self._secret_of(question)
        endpoint = self._new_endpoint(question, context, secret)
        stored = await self._stored(context, endpoint)
        told = seal_to(reply_key, self._vault.open(stored.sealed_secret))
        return WebhookRegistered(endpoint=await self._described(stored), secret=told)

    async def list_all(self, question: ListWebhooks, context: Context) -> WebhooksListed:
        """Every endpoint of the asking organization, oldest first, with its counts."""
        limit = self._settings.webhook_endpoints_per_organization
        found = await self._endpoints.find(context.organization_id, sort=(("created_at", 1),), limit=limit)
        return WebhooksListed(endpoints=tuple([await self._described(endpoint) for endpoint in found]))

    def _secret_of(self, question: RegisterWebhook) -> str:
        if question.sealed_secret is None:
            return signing.new_secret()
        return signing.normalized_secret(self._vault.open(question.sealed_secret))

    def _new_endpoint(self, question: RegisterWebhook, context: Context, secret: str) -> Endpoint:
        return Endpoint(
            id=ids.derived_id(context.organization_id, context.causation_id or ids.new_id()),
            organization_id=context.organization_id,
            url=question.url,
            events=tuple(dict.fromkeys(question.events)),
            sealed_secret=self._vault.seal(secret),
            created_at=self._clock.now(),
        )

    async def _stored(self, context: Context, endpoint: Endpoint) -> Endpoint:
        limit = self._settings.webhook_endpoints_per_organization

        async def insert(uow: UnitOfWork) -> None:
            if await self._endpoints.count(context.organization_id, uow=uow) >= limit:
                raise Conflict(f"The organization has {limit} webhook endpoints, which is the limit.")
            await self._endpoints.insert(endpoint, uow)

        try:
            await self._database.transact(context, insert)
        except AlreadyExists:
            return await self._endpoints.get(context.organization_id, endpoint.id) or endpoint
        return endpoint

    async def _described(self, endpoint: Endpoint) -> WebhookEndpoint:
        counts = {status: await self._count(endpoint, status) for status in DeliveryStatus}
        latest = await self._deliveries.find(
            endpoint.organization_id, {"endpoint_id": endpoint.id}, sort=(("updated_at", -1),), limit=1
        )
        attempt = latest[0].tries[-1] if latest and latest[0].tries else None
        return WebhookEndpoint(
            id=endpoint.id,
            url=endpoint.url,
            events=endpoint.events,
            active=endpoint.active,
            created_at=endpoint.created_at,
            delivered=counts[DeliveryStatus.DELIVERED],
            failed=counts[DeliveryStatus.FAILED],
            pending=counts[DeliveryStatus.PENDING],
            last_delivery_at=attempt.at if attempt else None,
            last_status=attempt.status if attempt else None,
            last_error=attempt.error if attempt else None,
        )

    async def _count(self, endpoint: Endpoint, status: DeliveryStatus) -> int:
        where = {"endpoint_id": endpoint.id, "status": status.value}
        return await self._deliveries.count(endpoint.organization_id, where)
