"""A notifier in memory: its database, its clock, and a sender that records."""

import base64
from datetime import timedelta

from nacl.public import PrivateKey, SealedBox

from tests.support.facts import NOON
from tests.support.recording_sender import RecordingSender
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import Envelope, Fact, ListWebhooks, RegisterWebhook, WebhookEndpoint, ids
from vivavoce.notifier.app import Parts
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.ports import Sender
from vivavoce.notifier.settings import NotifierSettings

ACME = "org_acme"
SOURCE = "/vivavoce/notifier"
HOOK = "https://hooks.example/vivavoce"
SCORES = ("score.generated",)


class Notifier:
    """What a story does with the notifier, and what it can see of it."""

    def __init__(self, sender: Sender | None = None, database: Database | None = None) -> None:
        self.clock = ManualClock(NOON)
        self.sender = RecordingSender(self.clock)
        self.own_key = PrivateKey.generate()
        self.asker_key = PrivateKey.generate()
        self.vault = Vault(base64.b64encode(bytes(self.own_key)).decode())
        settings = NotifierSettings.model_validate(
            {
                "notifier_private_key": base64.b64encode(bytes(self.own_key)).decode(),
                "webhook_retry_delays": (5, 300),
                "webhook_retry_jitter": 0.0,
                "webhook_endpoints_per_organization": 3,
            }
        )
        memory = MemoryDatabase(source=SOURCE, clock=self.clock)
        self.parts = Parts(settings, database or memory, sender or self.sender, self.clock)

    async def register(
        self,
        url: str,
        events: tuple[str, ...],
        secret: str | None = None,
        organization: str = ACME,
        question_id: str | None = None,
    ) -> tuple[WebhookEndpoint, str]:
        """Register an endpoint as the gateway would; the endpoint and its secret."""
        sealed = None if secret is None else SealedBox(self.own_key.public_key).encrypt(secret.encode())
        question = RegisterWebhook(
            organization_id=organization,
            url=url,
            events=events,
            sealed_secret=None if sealed is None else base64.b64encode(sealed).decode(),
            reply_key=base64.b64encode(bytes(self.asker_key.public_key)).decode(),
        )
        reply = await self.parts.registration.register(question, self.context(organization, question_id))
        told = SealedBox(self.asker_key).decrypt(base64.b64decode(reply.secret)).decode()
        return reply.endpoint, told

    async def listed(self, organization: str = ACME) -> tuple[WebhookEndpoint, ...]:
        """The organization's endpoints as the gateway would show them."""
        question = ListWebhooks(organization_id=organization)
        return (await self.parts.registration.list_all(question, self.context(organization))).endpoints

    async def hear(self, fact: Fact, event_id: str, organization: str = ACME) -> None:
        """Handle a fact as it comes off its topic."""
        envelope = Envelope(
            id=event_id,
            type=fact.type,
            source="/vivavoce/evaluation",
            time=NOON,
            subject=fact.key,
            organization_id=organization,
            correlation_id="c-1",
        )

        async def handle(uow: UnitOfWork) -> None:
            await self.parts.handlers.fan_out(Received(envelope, fact), uow)

        await self.parts.database.transact(Context.caused_by(envelope), handle)

    async def send_due(self) -> int:
        """Make one attempt at every delivery that is due; how many there were."""
        due = await self.parts.deliveries.find_in_all_organizations({"due_at": {"$lte": self.clock.now()}})
        for delivery in due:
            await self._attempt(delivery)
        return len(due)

    async def wait(self, **duration: float) -> None:
        """Let time pass."""
        await self.clock.advance(timedelta(**duration))

    def context(self, organization: str, question_id: str | None = None) -> Context:
        """The context of a question, of a new one by default."""
        return Context(organization, "c-1", causation_id=question_id or ids.new_id())

    async def _attempt(self, delivery: Delivery) -> None:
        settle = await self.parts.sending.attempt(delivery)

        async def store(uow: UnitOfWork) -> None:
            await self.parts.deliveries.save(await settle(uow, delivery), uow)

        await self.parts.database.transact(self.context(delivery.organization_id), store)
