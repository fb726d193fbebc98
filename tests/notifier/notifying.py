"""A notifier in memory: its database, its clock, and a sender that records."""

import base64
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from nacl.public import PrivateKey, SealedBox

from tests.support.facts import NOON
from tests.support.recording_sender import RecordingSender
from vivavoce.chassis.clock import Clock, ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import DOCUMENT, Collection
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    Envelope,
    Fact,
    JobFollowed,
    JobProgressed,
    ListWebhooks,
    RegisterWebhook,
    WebhookEndpoint,
    WebhookOptions,
    ids,
)
from vivavoce.notifier.app import Parts
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import Errand, release_of, replay_of
from vivavoce.notifier.ports import Sender
from vivavoce.notifier.settings import NotifierSettings

ACME = "org_acme"
SOURCE = "/vivavoce/notifier"
HOOK = "https://hooks.example/vivavoce"
SCORES = ("score.generated",)
STEP = timedelta(seconds=10)
FACT = TypeVar("FACT", bound=Fact)


class MovedClock(Clock, Protocol):
    """A clock that a story can wait for."""

    async def advance(self, by: timedelta) -> None:
        """Let time pass."""
        ...


class Notifier:
    """What a story does with the notifier, and what it can see of it."""

    def __init__(
        self,
        sender: Sender | None = None,
        database: Database | None = None,
        clock: MovedClock | None = None,
        **settings: object,
    ) -> None:
        self.clock: MovedClock = clock or ManualClock(NOON)
        self.sender = RecordingSender(self.clock)
        self.own_key = PrivateKey.generate()
        self.asker_key = PrivateKey.generate()
        self.vault = Vault(base64.b64encode(bytes(self.own_key)).decode())
        self.private_key = base64.b64encode(bytes(self.own_key)).decode()
        chosen = NotifierSettings.model_validate(
            {
                "notifier_private_key": self.private_key,
                "webhook_retry_delays": (5, 300),
                "webhook_retry_jitter": 0.0,
                "webhook_endpoints_per_organization": 3,
                "webhook_ownership": "off",
                **settings,
            }
        )
        memory = MemoryDatabase(source=SOURCE, clock=self.clock)
        self.parts = Parts(chosen, database or memory, sender or self.sender, self.clock)

    async def register(
        self,
        url: str,
        events: tuple[str, ...],
        secret: str | None = None,
        organization: str = ACME,
        question_id: str | None = None,
        **options: object,
    ) -> tuple[WebhookEndpoint, str]:
        """Register an endpoint as the gateway would; the endpoint and its secret."""
        sealed = None if secret is None else SealedBox(self.own_key.public_key).encrypt(secret.encode())
        question = RegisterWebhook(
            organization_id=organization,
            url=url,
            events=events,
            sealed_secret=None if sealed is None else base64.b64encode(sealed).decode(),
            reply_key=base64.b64encode(bytes(self.asker_key.public_key)).decode(),
            options=WebhookOptions.model_validate(options),
        )
        context = self.context(organization, question_id)
        reply = await self.parts.questions.registration.register(question, context)
        told = SealedBox(self.asker_key).decrypt(base64.b64decode(reply.secret)).decode()
        return reply.endpoint, told

    async def listed(self, organization: str = ACME) -> tuple[WebhookEndpoint, ...]:
        """The organization's endpoints as the gateway would show them."""
        question = ListWebhooks(organization_id=organization)
        return (await self.parts.questions.managing.list(question, self.context(organization))).endpoints

    async def hear(
        self, fact: Fact, event_id: str, organization: str = ACME, at: datetime | None = None
    ) -> None:
        """Handle a fact as it comes off its topic; it happened now, or at another time."""
        envelope = Envelope(
            id=event_id,
            type=fact.type,
            source="/vivavoce/evaluation",
            time=at or self.clock.now(),
            subject=fact.key,
            organization_id=organization,
            correlation_id="c-1",
        )
        handler = self._handler(fact)

        async def handle(uow: UnitOfWork) -> None:
            await handler(Received(envelope, fact), uow)

        await self.parts.database.transact(Context.caused_by(envelope), handle)

    async def send_due(self) -> int:
        """Run what is due, attempts and errands, until nothing is left to do; how many attempts that were."""
        before = len(self.sender.sent)
        while await self.parts.errand_pool.run_due() + await self.parts.pool.run_due():
            pass
        return len(self.sender.sent) - before

    async def go_on(self, step: timedelta = STEP, **duration: float) -> None:
        """Let time pass step by step, and do what is due at each."""
        left = timedelta(**duration)
        while left:
            await self.clock.advance(min(left, step))
            await self.send_due()
            left -= min(left, step)

    async def wait(self, **duration: float) -> None:
        """Let time pass."""
        await self.clock.advance(timedelta(**duration))

    def context(self, organization: str, question_id: str | None = None) -> Context:
        """The context of a question, of a new one by default."""
        return Context(organization, "c-1", causation_id=question_id or ids.new_id())

    async def delivery(self, event_id: str, endpoint_id: str | None = None) -> Delivery:
        """The delivery of an event, to one endpoint or the only one."""
        where = {"event_id": event_id} | ({"endpoint_id": endpoint_id} if endpoint_id else {})
        (found,) = await self.parts.tables.deliveries.find_in_all_organizations(where)
        return found

    async def endpoint(self, endpoint_id: str) -> Endpoint:
        """The endpoint as it is stored."""
        found = await self.parts.tables.endpoints.get_of_any_organization(endpoint_id)
        assert found is not None
        return found

    async def change(self, endpoint_id: str, **changes: object) -> Endpoint:
        """Change a stored endpoint; the names of options are taken as options."""
        stored = await self.endpoint(endpoint_id)
        chosen = {name: value for name, value in changes.items() if name in WebhookOptions.model_fields}
        other = {name: value for name, value in changes.items() if name not in chosen}
        options = stored.options.model_copy(update=chosen)
        changed = stored.model_copy(update={**other, "options": options})
        await self.store(self.parts.tables.endpoints, changed)
        return changed

    async def recover(self, endpoint_id: str, since: datetime) -> None:
        """Switch an endpoint on again, as the answer to that question does."""
        now, tables = self.clock.now(), self.parts.tables
        endpoint = await self.change(endpoint_id, active=True, disabled_reason=None)

        async def enable(uow: UnitOfWork) -> None:
            await tables.standings.delete(endpoint.organization_id, endpoint_id, uow)
            await tables.errands.save(release_of(endpoint, now, now, ahead_of_schedule=True), uow)
            await tables.errands.save(replay_of(endpoint, since, now, now, missing_only=True), uow)

        await self.parts.database.transact(self.context(endpoint.organization_id), enable)

    async def put(self, errand: Errand) -> None:
        """Have an errand done."""
        await self.store(self.parts.tables.errands, errand)

    async def store(self, collection: Collection[DOCUMENT], document: DOCUMENT) -> None:
        """Save a document in a transaction of its own."""

        async def save(uow: UnitOfWork) -> None:
            await collection.save(document, uow)

        await self.parts.database.transact(self.context(document.organization_id), save)

    async def forget(self, collection: Collection[DOCUMENT], document_id: str) -> None:
        """Remove a document of the usual organization."""

        async def delete(uow: UnitOfWork) -> None:
            await collection.delete(ACME, document_id, uow)

        await self.parts.database.transact(self.context(ACME), delete)

    async def told(self, kind: type[FACT]) -> list[FACT]:
        """The facts of a kind that were emitted so far."""
        rows = await self.parts.database.outbox.pending(1000)
        return [kind.model_validate_json(row.value or b"") for row in rows if row.topic == kind.type]

    def _handler(self, fact: Fact) -> Callable[[Received[Any], UnitOfWork], Awaitable[None]]:
        if isinstance(fact, JobFollowed):
            return self.parts.followers.follow
        return (
            self.parts.followers.progress if isinstance(fact, JobProgressed) else self.parts.handlers.fan_out
        )
