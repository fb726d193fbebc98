"""Webhook settings, asked of the notifier that owns them; a secret travels only sealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import (
    DeadlineExceeded,
    InfrastructureAway,
    InvalidInput,
    Overloaded,
    ProviderFault,
)
from vivavoce.chassis.sealing import Vault, seal_to
from vivavoce.contracts import (
    ListWebhooks,
    Question,
    RegisterWebhook,
    Value,
    WebhookEndpoint,
    WebhookRegistered,
    WebhooksListed,
)
from vivavoce.gateway.settings import GatewaySettings

RETRY_AFTER_SECONDS = 10.0


class Asks(Protocol):
    """What asks another service and waits for its answer."""

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """The reply; raises the refusal, or DeadlineExceeded."""
        ...


class NobodyAsks:
    """For a gateway that is only described: whatever is asked, nobody answers."""

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """Raises DeadlineExceeded."""
        raise DeadlineExceeded(f"Nobody answers {question.type}.")


class NotifierAway(Overloaded):
    """The notifier didn't answer in time, or can't be asked."""

    code = "notifier_away"


@dataclass(frozen=True)
class Registered:
    """A new endpoint, with its secret in the clear for the one time that it is shown."""

    endpoint: WebhookEndpoint
    secret: str


class Webhooks:
    """Registers and lists endpoints of an organization."""

    def __init__(self, asker: Asks, settings: GatewaySettings) -> None:
        self._asker = asker
        self._within = timedelta(seconds=settings.ask_seconds)
        self._notifier_key = settings.notifier_public_key

    async def register(
        self, context: Context, *, url: str, events: tuple[str, ...], secret: str | None
    ) -> Registered:
        """A new endpoint; raises the notifier's refusal, or NotifierAway."""
        replies = Vault()
        question = RegisterWebhook(
            organization_id=context.organization_id,
            url=url,
            events=tuple(dict.fromkeys(events)),
            sealed_secret=None if secret is None else self._sealed(secret),
            reply_key=replies.public_key,
        )
        with _waiting():
            reply = await self._asker.ask(question, context, within=self._within)
        if not isinstance(reply, WebhookRegistered):
            raise ProviderFault(f"The notifier answered {type(reply).__name__}.")
        return Registered(reply.endpoint, _opened(reply.secret, replies))

    async def list(self, context: Context) -> tuple[WebhookEndpoint, ...]:
        """The organization's endpoints, oldest first; raises NotifierAway."""
        question = ListWebhooks(organization_id=context.organization_id)
        with _waiting():
            reply = await self._asker.ask(question, context, within=self._within)
        if not isinstance(reply, WebhooksListed):
            raise ProviderFault(f"The notifier answered {type(reply).__name__}.")
        return reply.endpoints

    def _sealed(self, secret: str) -> str:
        try:
            return seal_to(self._notifier_key, secret)
        except InvalidInput as error:
            raise NotifierAway(
                "No secret can be taken: NOTIFIER_PUBLIC_KEY is not set. Without one, a secret is made."
            ) from error


@contextmanager
def _waiting() -> Iterator[None]:
    try:
        yield
    except (DeadlineExceeded, InfrastructureAway) as error:
        raise NotifierAway(
            "The webhook service didn't answer. Try again; a repeat for the same URL replaces the first.",
            retry_after=RETRY_AFTER_SECONDS,
        ) from error


def _opened(sealed: str, vault: Vault) -> str:
    try:
        return vault.open(sealed)
    except InvalidInput as error:
        raise ProviderFault("The notifier's answer can't be opened.") from error
