"""Reads, changes, switches, verifies and forgets endpoints, each in the asker's organization alone."""

from collections.abc import Callable

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists, Conflict
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    AuditAction,
    DeleteWebhook,
    DisabledReason,
    GetWebhook,
    ListWebhooks,
    UpdateWebhook,
    WebhookDeleted,
    WebhookFound,
    WebhooksListed,
)
from vivavoce.notifier import wishes
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.describing import Descriptions
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import cancel_of
from vivavoce.notifier.finding import Finder
from vivavoce.notifier.paging import last_changed_first, limit_of, oldest_first
from vivavoce.notifier.reviving import Revival
from vivavoce.notifier.tables import Tables
from vivavoce.notifier.verification import Gatekeeper, Proof, with_proof


class Managing:
    """What can be done with a registered endpoint; what isn't there raises NotFound."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        audit: Audit,
        finder: Finder,
        gatekeeper: Gatekeeper,
        revival: Revival,
        descriptions: Descriptions,
        clock: Clock,
        wake_errands: Callable[[], None],
    ) -> None:
        self._database = database
        self._tables = tables
        self._audit = audit
        self._finder = finder
        self._gatekeeper = gatekeeper
        self._revival = revival
        self._descriptions = descriptions
        self._clock = clock
        self._wake_errands = wake_errands

    async def get(self, question: GetWebhook, context: Context) -> WebhookFound:
        """One endpoint."""
        endpoint = await self._finder.endpoint(context, question.endpoint_id)
        return WebhookFound(endpoint=await self._descriptions.one(endpoint))

    async def list(self, question: ListWebhooks, context: Context) -> WebhooksListed:
        """A page of endpoints, oldest first; of those changed after a time, the last change first."""
        organization, limit = context.organization_id, limit_of(question.limit)
        if question.updated_after is None:
            page = await oldest_first(
                self._tables.endpoints, organization, cursor=question.cursor, limit=limit
            )
        else:
            page = await last_changed_first(
                self._tables.endpoints,
                organization,
                question.updated_after,
                cursor=question.cursor,
                limit=limit,
            )
        described = await self._descriptions.all(page.items)
        return WebhooksListed(endpoints=described, next_cursor=page.next_cursor, cursors=page.cursors)

    async def update(self, question: UpdateWebhook, context: Context) -> WebhookFound:
        """The endpoint with what is named changed; a new address is asked whether it agrees.

        Raises InvalidInput with the fields, or Conflict when another endpoint has the address.
        """
        before = await self._finder.endpoint(context, question.endpoint_id)
        merged = _merged(before, question)
        wishes.check(merged.url, merged.events, merged.options)
        proof = Proof() if merged.url == before.url else await self._gatekeeper.proof_of(merged)

        async def change(uow: UnitOfWork) -> Endpoint:
            known = await self._finder.endpoint(context, question.endpoint_id, uow)
            changed = _merged(known, question).model_copy(update={"updated_at": self._clock.now()})
            if changed.url != known.url:
                changed = await self._moved(known, changed, proof, uow)
            await self._tables.endpoints.save(changed, uow)
            self._audit.record(uow, AuditAction.WEBHOOK_CHANGE, known.id, before=known, after=changed)
            return changed

        try:
            stored = await self._database.transact(context, change)
        except AlreadyExists as error:
            raise Conflict(f"Another webhook of the organization has the address {merged.url}.") from error
        return WebhookFound(endpoint=await self._descriptions.one(stored))

    async def delete(self, question: DeleteWebhook, context: Context) -> WebhookDeleted:
        """Forget the endpoint at once; an errand gives up what is under way to it."""

        async def forget(uow: UnitOfWork) -> None:
            endpoint = await self._finder.endpoint(context, question.endpoint_id, uow)
            await self._tables.endpoints.delete(context.organization_id, endpoint.id, uow)
            await self._tables.errands.save(cancel_of(endpoint, self._clock.now()), uow)
            self._audit.record(uow, AuditAction.WEBHOOK_DELETE, endpoint.id, before=endpoint)
            uow.after_commit(self._wake_errands)

        await self._database.transact(context, forget)
        return WebhookDeleted(endpoint_id=question.endpoint_id)

    async def _moved(self, known: Endpoint, changed: Endpoint, proof: Proof, uow: UnitOfWork) -> Endpoint:
        """The endpoint at its new address, where nothing has failed yet."""
        proven = with_proof(changed, proof, self._clock.now())
        if not proof.holds:
            return proven
        if known.disabled_reason == DisabledReason.UNVERIFIED:
            return await self._revival.revived(proven, uow)
        await self._revival.start_afresh(proven, uow)
        return proven


def _merged(endpoint: Endpoint, question: UpdateWebhook) -> Endpoint:
    """The endpoint as it is wished."""
    named = [name for name in question.named_options if name in type(question.options).model_fields]
    options = {name: getattr(question.options, name) for name in named}
    update = {
        "url": endpoint.url if question.url is None else question.url,
        "events": endpoint.events if question.events is None else tuple(dict.fromkeys(question.events)),
        "options": endpoint.options.model_copy(update=options),
    }
    return endpoint.model_copy(update=update)
