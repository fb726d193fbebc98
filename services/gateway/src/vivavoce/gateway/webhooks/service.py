"""Webhook endpoints of an organization: registered with a secret, read, changed, switched, forgotten."""

from dataclasses import dataclass
from datetime import datetime

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import InvalidInput, ProviderFault
from vivavoce.chassis.sealing import Vault
from vivavoce.contracts import (
    DeleteWebhook,
    GetWebhook,
    ListWebhooks,
    RegisterWebhook,
    RotateWebhookSecret,
    SwitchWebhook,
    UpdateWebhook,
    VerifyWebhook,
    WebhookDeleted,
    WebhookEndpoint,
    WebhookFound,
    WebhookRegistered,
    WebhooksListed,
)
from vivavoce.gateway.webhooks.notifier import Notifier
from vivavoce.gateway.webhooks.schemas import ChangeBody, RegisterBody, RotateBody


@dataclass(frozen=True)
class Registered:
    """An endpoint, with its secret in the clear for the one time that it is shown."""

    endpoint: WebhookEndpoint
    secret: str


class Endpoints:
    """What can be done with endpoints. Another organization's raise NotFound."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    async def register(self, context: Context, body: RegisterBody) -> Registered:
        """A new endpoint, or the URL's own with what is wanted now."""
        replies = Vault()
        question = RegisterWebhook(
            organization_id=context.organization_id,
            url=body.url,
            events=tuple(dict.fromkeys(body.events)),
            sealed_secret=self._notifier.sealed(body.secret),
            reply_key=replies.public_key,
            options=body.options(),
        )
        return _opened(await self._notifier.ask(question, context, WebhookRegistered), replies)

    async def rotate(self, context: Context, endpoint_id: str, body: RotateBody) -> Registered:
        """The endpoint with a new secret; the old one signs too for as long as the body says."""
        replies = Vault()
        question = RotateWebhookSecret(
            organization_id=context.organization_id,
            endpoint_id=endpoint_id,
            sealed_secret=self._notifier.sealed(body.secret),
            reply_key=replies.public_key,
            keep_old_seconds=body.keep_old_seconds,
        )
        return _opened(await self._notifier.ask(question, context, WebhookRegistered), replies)

    async def list(
        self,
        context: Context,
        *,
        limit: int,
        cursor: str | None = None,
        updated_after: datetime | None = None,
    ) -> WebhooksListed:
        """A page of the organization's endpoints, oldest first; of all or of those changed since."""
        question = ListWebhooks(
            organization_id=context.organization_id, updated_after=updated_after, cursor=cursor, limit=limit
        )
        return await self._notifier.ask(question, context, WebhooksListed)

    async def get(self, context: Context, endpoint_id: str) -> WebhookEndpoint:
        """One endpoint."""
        question = GetWebhook(organization_id=context.organization_id, endpoint_id=endpoint_id)
        return (await self._notifier.ask(question, context, WebhookFound)).endpoint

    async def change(self, context: Context, endpoint_id: str, body: ChangeBody) -> WebhookEndpoint:
        """The endpoint with what the body names changed."""
        question = UpdateWebhook(
            organization_id=context.organization_id,
            endpoint_id=endpoint_id,
            url=body.url,
            events=None if body.events is None else tuple(dict.fromkeys(body.events)),
            options=body.options(),
            named_options=body.named_options(),
        )
        return (await self._notifier.ask(question, context, WebhookFound)).endpoint

    async def switch(
        self, context: Context, endpoint_id: str, *, active: bool, recover: bool = True
    ) -> WebhookEndpoint:
        """The endpoint, enabled or disabled; enabling sends what was missed, unless told otherwise."""
        question = SwitchWebhook(
            organization_id=context.organization_id, endpoint_id=endpoint_id, active=active, recover=recover
        )
        return (await self._notifier.ask(question, context, WebhookFound)).endpoint

    async def verify(self, context: Context, endpoint_id: str) -> WebhookEndpoint:
        """The endpoint after it was asked anew whether it wants to be called."""
        question = VerifyWebhook(organization_id=context.organization_id, endpoint_id=endpoint_id)
        return (await self._notifier.ask(question, context, WebhookFound)).endpoint

    async def delete(self, context: Context, endpoint_id: str) -> None:
        """Forget the endpoint, and give up what waits for it."""
        question = DeleteWebhook(organization_id=context.organization_id, endpoint_id=endpoint_id)
        await self._notifier.ask(question, context, WebhookDeleted)


def _opened(reply: WebhookRegistered, vault: Vault) -> Registered:
    try:
        return Registered(reply.endpoint, vault.open(reply.secret))
    except InvalidInput as error:
        raise ProviderFault("The notifier's answer can't be opened.") from error
