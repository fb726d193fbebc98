"""Switches endpoints on and off, by hand or because they have agreed to be called."""

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import Conflict
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AuditAction, DisabledReason, SwitchWebhook, VerifyWebhook, WebhookFound
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.describing import Descriptions
from vivavoce.notifier.endpoints import Endpoint, Standing
from vivavoce.notifier.finding import Finder
from vivavoce.notifier.news import News
from vivavoce.notifier.reviving import Revival
from vivavoce.notifier.tables import Tables
from vivavoce.notifier.verification import Gatekeeper, Proof, with_proof

BY_HAND = "it was switched off"


class Switching:
    """Whether an endpoint gets something; what isn't there raises NotFound."""

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
    ) -> None:
        self._database = database
        self._tables = tables
        self._audit = audit
        self._finder = finder
        self._gatekeeper = gatekeeper
        self._revival = revival
        self._descriptions = descriptions
        self._clock = clock

    async def switch(self, question: SwitchWebhook, context: Context) -> WebhookFound:
        """The endpoint on or off; one that is so already stays as it is.

        Raises Conflict for one that has yet to agree.
        """

        async def turn(uow: UnitOfWork) -> Endpoint:
            known = await self._finder.endpoint(context, question.endpoint_id, uow)
            if known.active == question.active:
                return known
            changed = (
                await self._on(known, question.recover, uow)
                if question.active
                else await self._off(known, uow)
            )
            await self._tables.endpoints.save(changed, uow)
            action = AuditAction.WEBHOOK_ENABLE if question.active else AuditAction.WEBHOOK_DISABLE
            self._audit.record(uow, action, known.id, before=known, after=changed)
            return changed

        stored = await self._database.transact(context, turn)
        return WebhookFound(endpoint=await self._descriptions.one(stored))

    async def verify(self, question: VerifyWebhook, context: Context) -> WebhookFound:
        """The endpoint after it has agreed, on if that was all it lacked; raises Conflict when it didn't."""
        asked = await self._finder.endpoint(context, question.endpoint_id)
        proof = await self._gatekeeper.proof_anew(asked)

        async def note(uow: UnitOfWork) -> Endpoint:
            known = await self._finder.endpoint(context, question.endpoint_id, uow)
            if known.url != asked.url:
                raise Conflict("The address was changed meanwhile: verify the webhook again.")
            noted = await self._noted(known, proof, uow)
            await self._tables.endpoints.save(noted, uow)
            if proof.holds:
                self._audit.record(uow, AuditAction.WEBHOOK_VERIFY, known.id, before=known, after=noted)
            return noted

        stored = await self._database.transact(context, note)
        if not proof.holds:
            raise Conflict(f"The webhook didn't agree to be called. {proof.detail}")
        return WebhookFound(endpoint=await self._descriptions.one(stored))

    async def _on(self, known: Endpoint, recover: bool, uow: UnitOfWork) -> Endpoint:
        if self._gatekeeper.required and known.disabled_reason == DisabledReason.UNVERIFIED:
            raise Conflict(f"Webhook {known.id} hasn't agreed to be called: verify it instead.")
        return await self._revival.revived(known, uow, recover=recover)

    async def _off(self, known: Endpoint, uow: UnitOfWork) -> Endpoint:
        now = self._clock.now()
        update = {
            "active": False,
            "disabled_reason": DisabledReason.SWITCHED_OFF,
            "disabled_detail": BY_HAND,
            "disabled_at": now,
            "updated_at": now,
        }
        changed = known.model_copy(update=update)
        found = await self._tables.standings.get(known.organization_id, known.id, uow)
        standing = found or Standing(id=known.id, organization_id=known.organization_id)
        told = standing.model_copy(update={"last_error": BY_HAND})
        News(uow).disabled(changed, told, DisabledReason.SWITCHED_OFF, now)
        return changed

    async def _noted(self, known: Endpoint, proof: Proof, uow: UnitOfWork) -> Endpoint:
        """What a proof changes: it never switches off what was on."""
        unverified = known.disabled_reason == DisabledReason.UNVERIFIED
        if not proof.holds:
            return known.model_copy(update={"disabled_detail": proof.detail}) if unverified else known
        proven = with_proof(known, proof, self._clock.now())
        return await self._revival.revived(proven, uow) if unverified else proven
