"""What the notifier answers: one row per question, and who knows the answer."""

from collections.abc import Callable
from dataclasses import dataclass

from vivavoce.chassis.answers import Answering, answer
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.uow import Database
from vivavoce.contracts import (
    ChangeWebhookSettings,
    DeleteWebhook,
    GetDelivery,
    GetReplay,
    GetSigningKeys,
    GetWebhook,
    GetWebhookSettings,
    ListAttempts,
    ListDeliveries,
    ListWebhooks,
    RegisterWebhook,
    ReplayDelivery,
    ReplayWebhook,
    RotateWebhookSecret,
    SendTest,
    SwitchWebhook,
    UpdateWebhook,
    VerifyWebhook,
)
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.describing import Descriptions
from vivavoce.notifier.dispatch import Dispatch
from vivavoce.notifier.finding import Finder
from vivavoce.notifier.log import Log
from vivavoce.notifier.managing import Managing
from vivavoce.notifier.organizations import Organizations
from vivavoce.notifier.ports import Sender
from vivavoce.notifier.registration import Registration
from vivavoce.notifier.replays import Replays
from vivavoce.notifier.retention import Retention
from vivavoce.notifier.reviving import Revival
from vivavoce.notifier.rotation import Rotation, Secrets
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.notifier.switching import Switching
from vivavoce.notifier.tables import Tables
from vivavoce.notifier.verification import Gatekeeper, Ownership

REQUIRED = "required"


@dataclass(frozen=True)
class Means:
    """What the answers stand on."""

    settings: NotifierSettings
    database: Database
    tables: Tables
    dispatch: Dispatch
    retention: Retention
    sender: Sender
    vault: Vault
    audit: Audit
    clock: Clock
    wake_errands: Callable[[], None]


class Questions:
    """Everything that can be asked, by subject."""

    def __init__(self, means: Means) -> None:
        settings, database, tables = means.settings, means.database, means.tables
        clock, wake, audit = means.clock, means.wake_errands, means.audit
        finder = Finder(tables)
        descriptions = Descriptions(tables, clock)
        secrets = Secrets(means.vault, clock)
        revival = Revival(tables, clock, wake)
        ownership = Ownership(means.sender, means.vault, settings.webhook_origin, clock)
        gatekeeper = Gatekeeper(ownership, required=settings.webhook_ownership == REQUIRED)
        limit = settings.webhook_endpoints_per_organization
        self.registration = Registration(
            database, tables, audit, gatekeeper, secrets, revival, descriptions, limit, clock
        )
        self.managing = Managing(
            database, tables, audit, finder, gatekeeper, revival, descriptions, clock, wake
        )
        self.switching = Switching(database, tables, audit, finder, gatekeeper, revival, descriptions, clock)
        self.rotation = Rotation(database, tables, audit, finder, secrets, descriptions, clock)
        self.log = Log(tables, finder)
        most_bytes = settings.webhook_max_body_bytes
        self.replays = Replays(
            database, tables, audit, finder, means.dispatch, means.retention, most_bytes, clock, wake
        )
        self.organizations = Organizations(database, tables, audit, means.retention)

    def rows(self) -> tuple[Answering, ...]:
        """The table of answers."""
        return (
            answer(RegisterWebhook, self.registration.register),
            answer(ListWebhooks, self.managing.list),
            answer(GetWebhook, self.managing.get),
            answer(UpdateWebhook, self.managing.update),
            answer(DeleteWebhook, self.managing.delete),
            answer(SwitchWebhook, self.switching.switch),
            answer(VerifyWebhook, self.switching.verify),
            answer(RotateWebhookSecret, self.rotation.rotate),
            answer(GetSigningKeys, self.rotation.keys),
            answer(ListDeliveries, self.log.deliveries),
            answer(GetDelivery, self.log.delivery),
            answer(ListAttempts, self.log.attempts),
            answer(SendTest, self.replays.test),
            answer(ReplayDelivery, self.replays.delivery),
            answer(ReplayWebhook, self.replays.start),
            answer(GetReplay, self.replays.get),
            answer(GetWebhookSettings, self.organizations.settings),
            answer(ChangeWebhookSettings, self.organizations.change),
        )
