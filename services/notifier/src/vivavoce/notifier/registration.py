"""Registers and lists webhook endpoints, as the gateway asks."""

import asyncio
from urllib.parse import urlsplit

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import AlreadyExists, Conflict, FieldProblem, InvalidInput
from vivavoce.chassis.sealing import Vault, seal_to
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    PUBLIC_FACTS,
    DeliveryStatus,
    ListWebhooks,
    RegisterWebhook,
    WebhookEndpoint,
    WebhookRegistered,
    WebhooksListed,
    ids,
)
from vivavoce.notifier import signing
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.settings import NotifierSettings

MOST_URL_CHARACTERS = 2048


def problems_of(url: str, events: tuple[str, ...]) -> tuple[FieldProblem, ...]:
    """What is wrong with the wish to register an endpoint, field by field."""
    found: list[FieldProblem] = []
    if not _is_web_address(url):
        found.append(FieldProblem("url", "give an absolute http:// or https:// address"))
    if not events:
        found.append(FieldProblem("events", f"name at least one of {', '.join(PUBLIC_FACTS)}"))
    for position, event in enumerate(events):
        if event not in PUBLIC_FACTS:
            found.append(
                FieldProblem(f"events.{position}", f"{event!r} is not one of {', '.join(PUBLIC_FACTS)}")
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
        """Store an endpoint. A URL that is registered again gets the new events and the new secret.

        The same question asked again gets the same answer. Raises InvalidInput with the fields, or
        Conflict at the organization's limit.
        """
        problems = problems_of(question.url, question.events)
        if problems:
            raise InvalidInput("The webhook can't be registered as it is.", problems=problems)
        wanted = self._wanted(question, context)
        stored, is_new = await self._stored(context, wanted)
        told = seal_to(question.reply_key, self._vault.open(stored.secrets[0].sealed_secret))
        described = _untried(stored) if is_new else await self._described(stored)
        return WebhookRegistered(endpoint=described, secret=told)

    async def list_all(self, question: ListWebhooks, context: Context) -> WebhooksListed:
        """Every endpoint of the asking organization, oldest first, with its counts."""
        limit = self._settings.webhook_endpoints_per_organization
        found = await self._endpoints.find(context.organization_id, sort=(("created_at", 1),), limit=limit)
        described = await asyncio.gather(*(self._described(endpoint) for endpoint in found))
        return WebhooksListed(endpoints=tuple(described))

    def _wanted(self, question: RegisterWebhook, context: Context) -> Endpoint:
        now = self._clock.now()
        return Endpoint(
            id=ids.derived_id(context.organization_id, question.url),
            organization_id=context.organization_id,
            url=question.url,
            events=tuple(dict.fromkeys(question.events)),
            options=question.options,
            secrets=(signing.new_stored_secret(self._vault, self._secret_of(question), now),),
            created_at=now,
            updated_at=now,
            registered_by=context.causation_id,
        )

    def _secret_of(self, question: RegisterWebhook) -> str:
        if question.sealed_secret is None:
            return signing.new_secret()
        return signing.normalized_secret(self._vault.open(question.sealed_secret))

    async def _stored(self, context: Context, wanted: Endpoint) -> tuple[Endpoint, bool]:
        """What is stored now, and whether there was nothing for this URL before."""

        async def store(uow: UnitOfWork) -> tuple[Endpoint, bool]:
            known = await self._endpoints.get(context.organization_id, wanted.id, uow)
            if known is None:
                await self._check_limit(context, uow)
                await self._endpoints.insert(wanted, uow)
                return wanted, True
            if known.registered_by is not None and known.registered_by == wanted.registered_by:
                return known, False
            renewed = wanted.model_copy(update={"created_at": known.created_at})
            await self._endpoints.save(renewed, uow)
            return renewed, False

        try:
            return await self._database.transact(context, store)
        except AlreadyExists:  # registered in the same moment by somebody else
            return await self._database.transact(context, store)

    async def _check_limit(self, context: Context, uow: UnitOfWork) -> None:
        limit = self._settings.webhook_endpoints_per_organization
        if await self._endpoints.count(context.organization_id, uow=uow) >= limit:
            raise Conflict(f"The organization has {limit} webhook endpoints, which is the limit.")

    async def _described(self, endpoint: Endpoint) -> WebhookEndpoint:
        latest, delivered, failed, pending = await asyncio.gather(
            self._latest_try(endpoint),
            self._count(endpoint, DeliveryStatus.DELIVERED),
            self._count(endpoint, DeliveryStatus.FAILED),
            self._count(endpoint, DeliveryStatus.PENDING),
        )
        return _untried(endpoint).model_copy(
            update={
                "delivered": delivered,
                "failed": failed,
                "pending": pending,
                "last_delivery_at": latest.last_at if latest else None,
                "last_status": latest.last_status if latest else None,
                "last_error": latest.last_error if latest else None,
            }
        )

    async def _latest_try(self, endpoint: Endpoint) -> Delivery | None:
        latest = await self._deliveries.find(
            endpoint.organization_id, {"endpoint_id": endpoint.id}, sort=(("updated_at", -1),), limit=1
        )
        return latest[0] if latest else None

    async def _count(self, endpoint: Endpoint, status: DeliveryStatus) -> int:
        where = {"endpoint_id": endpoint.id, "status": status.value}
        return await self._deliveries.count(endpoint.organization_id, where)


def _untried(endpoint: Endpoint) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=endpoint.id,
        url=endpoint.url,
        events=endpoint.events,
        active=endpoint.active,
        created_at=endpoint.created_at,
    )
