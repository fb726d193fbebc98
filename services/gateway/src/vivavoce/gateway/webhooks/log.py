"""The log of deliveries and attempts, replays and tests: what was sent, and what is to be sent again."""

from datetime import datetime

from vivavoce.chassis.correlation import Context
from vivavoce.contracts import (
    AttemptsListed,
    ChangeWebhookSettings,
    DeliveriesListed,
    DeliveryFound,
    GetDelivery,
    GetReplay,
    GetWebhookSettings,
    ListAttempts,
    ListDeliveries,
    ReplayDelivery,
    ReplayFound,
    ReplayWebhook,
    SendTest,
    WebhookDelivery,
    WebhookReplay,
    WebhookSettings,
)
from vivavoce.gateway.webhooks.notifier import Notifier


class Log:
    """Reads the log and says how long it is kept. What is another organization's raises NotFound."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    async def deliveries(self, context: Context, question: ListDeliveries) -> DeliveriesListed:
        """A page of deliveries."""
        return await self._notifier.ask(question, context, DeliveriesListed)

    async def delivery(self, context: Context, delivery_id: str) -> WebhookDelivery:
        """One delivery with the body that is sent."""
        question = GetDelivery(organization_id=context.organization_id, delivery_id=delivery_id)
        return (await self._notifier.ask(question, context, DeliveryFound)).delivery

    async def attempts(self, context: Context, question: ListAttempts) -> AttemptsListed:
        """A page of attempts."""
        return await self._notifier.ask(question, context, AttemptsListed)

    async def settings(self, context: Context) -> WebhookSettings:
        """For how long the organization's log is kept."""
        question = GetWebhookSettings(organization_id=context.organization_id)
        return await self._notifier.ask(question, context, WebhookSettings)

    async def keep(self, context: Context, retention_days: int) -> WebhookSettings:
        """Keep what is new from now on for so many days."""
        question = ChangeWebhookSettings(
            organization_id=context.organization_id, retention_days=retention_days
        )
        return await self._notifier.ask(question, context, WebhookSettings)


class Replays:
    """Sends again, and sends examples."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    async def test(self, context: Context, endpoint_id: str, event: str) -> WebhookDelivery:
        """A delivery of an example to one endpoint; raises Conflict while it is disabled."""
        question = SendTest(
            organization_id=context.organization_id, endpoint_id=endpoint_id, event_type=event
        )
        return (await self._notifier.ask(question, context, DeliveryFound)).delivery

    async def delivery(self, context: Context, delivery_id: str) -> WebhookDelivery:
        """The delivery, about to be sent again under its id."""
        question = ReplayDelivery(organization_id=context.organization_id, delivery_id=delivery_id)
        return (await self._notifier.ask(question, context, DeliveryFound)).delivery

    async def start(
        self,
        context: Context,
        endpoint_id: str,
        *,
        since: datetime,
        until: datetime | None,
        missing_only: bool,
    ) -> WebhookReplay:
        """A replay of what happened from `since` until before `until`, or until now."""
        question = ReplayWebhook(
            organization_id=context.organization_id,
            endpoint_id=endpoint_id,
            since=since,
            until=until,
            missing_only=missing_only,
        )
        return (await self._notifier.ask(question, context, ReplayFound)).replay

    async def get(self, context: Context, endpoint_id: str, replay_id: str) -> WebhookReplay:
        """How far a replay has come."""
        question = GetReplay(
            organization_id=context.organization_id, endpoint_id=endpoint_id, replay_id=replay_id
        )
        return (await self._notifier.ask(question, context, ReplayFound)).replay
