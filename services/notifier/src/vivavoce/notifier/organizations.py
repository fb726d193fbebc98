"""What an organization chooses for all its webhooks: for how long their log is kept."""

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AuditAction, ChangeWebhookSettings, GetWebhookSettings, WebhookSettings
from vivavoce.contracts.webhook_limits import LONGEST_RETENTION_DAYS, SHORTEST_RETENTION_DAYS
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.endpoints import OrganizationSettings
from vivavoce.notifier.retention import Retention
from vivavoce.notifier.tables import Tables


class Organizations:
    """Reads and changes the settings of the asking organization."""

    def __init__(self, database: Database, tables: Tables, audit: Audit, retention: Retention) -> None:
        self._database = database
        self._tables = tables
        self._audit = audit
        self._retention = retention

    async def settings(self, question: GetWebhookSettings, context: Context) -> WebhookSettings:
        """What the organization has chosen, or the deployment's."""
        return WebhookSettings(retention_days=await self._retention.days(context.organization_id))

    async def change(self, question: ChangeWebhookSettings, context: Context) -> WebhookSettings:
        """Keep what is new from now on for so many days; raises InvalidInput."""
        days = question.retention_days
        if not SHORTEST_RETENTION_DAYS <= days <= LONGEST_RETENTION_DAYS:
            told = f"give {SHORTEST_RETENTION_DAYS} to {LONGEST_RETENTION_DAYS} days"
            problem = FieldProblem("retention_days", told)
            raise InvalidInput("The log can't be kept so long.", problems=(problem,))
        chosen = OrganizationSettings(
            id=context.organization_id, organization_id=context.organization_id, retention_days=days
        )

        async def store(uow: UnitOfWork) -> None:
            settings, action = self._tables.organization_settings, AuditAction.WEBHOOK_SETTINGS_CHANGE
            known = await settings.get(chosen.organization_id, chosen.id, uow)
            await settings.save(chosen, uow)
            self._audit.record(uow, action, chosen.id, before=known, after=chosen)

        await self._database.transact(context, store)
        self._retention.changed(context.organization_id)
        return WebhookSettings(retention_days=days)
