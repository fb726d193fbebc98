"""Secrets of endpoints: made or taken, and replaced without a moment in which nothing verifies."""

from datetime import timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import Conflict, FieldProblem, InvalidInput
from vivavoce.chassis.sealing import Vault, seal_to
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    AuditAction,
    GetSigningKeys,
    RotateWebhookSecret,
    SigningKeysFound,
    WebhookRegistered,
)
from vivavoce.contracts.webhook_limits import LONGEST_KEPT_SECRET
from vivavoce.notifier import signing
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.describing import Descriptions, signing_keys
from vivavoce.notifier.endpoints import Endpoint, StoredSecret
from vivavoce.notifier.finding import Finder, no_such
from vivavoce.notifier.tables import Tables

MOST_SECRETS = 5
"""Each one signs, and a signature header must not grow without end."""


class Secrets:
    """Takes secrets in, sealed, and tells them once, sealed to whoever asked."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def stored(self, sealed: str | None) -> StoredSecret:
        """The wished secret, or a new one, with a new signing key; raises InvalidInput with the field."""
        try:
            secret = signing.new_secret() if sealed is None else self._normalized(sealed)
        except InvalidInput as error:
            problem = FieldProblem("secret", error.message.removeprefix("secret: "))
            raise InvalidInput(error.message, problems=(problem,)) from error
        return signing.new_stored_secret(self._vault, secret, self._clock.now())

    def told(self, endpoint: Endpoint, reply_key: str) -> str:
        """The endpoint's current secret, sealed to the asker."""
        return seal_to(reply_key, self._vault.open(endpoint.secrets[0].sealed_secret))

    def _normalized(self, sealed: str) -> str:
        return signing.normalized_secret(self._vault.open(sealed))


class Rotation:
    """Replaces secrets, and publishes the keys that sign."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        audit: Audit,
        finder: Finder,
        secrets: Secrets,
        descriptions: Descriptions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._tables = tables
        self._audit = audit
        self._finder = finder
        self._secrets = secrets
        self._descriptions = descriptions
        self._clock = clock

    async def rotate(self, question: RotateWebhookSecret, context: Context) -> WebhookRegistered:
        """The endpoint with a new secret; the same question asked again gets the same one.

        Raises NotFound, InvalidInput, or Conflict when too many old secrets still sign.
        """
        if not 0 <= question.keep_old_seconds <= LONGEST_KEPT_SECRET:
            problem = FieldProblem("keep_old_seconds", f"give 0 to {LONGEST_KEPT_SECRET} seconds")
            raise InvalidInput("The old secret can't be kept so long.", problems=(problem,))
        new, kept = self._secrets.stored(question.sealed_secret), question.keep_old_seconds

        async def replace(uow: UnitOfWork) -> Endpoint:
            endpoint = await self._finder.endpoint(context, question.endpoint_id, uow)
            if context.causation_id is not None and endpoint.registered_by == context.causation_id:
                return endpoint
            rotated = self._rotated(endpoint, new, timedelta(seconds=kept), context)
            await self._tables.endpoints.save(rotated, uow)
            action = AuditAction.WEBHOOK_ROTATE
            self._audit.record(uow, action, endpoint.id, before=endpoint, after=rotated)
            return rotated

        stored = await self._database.transact(context, replace)
        told = self._secrets.told(stored, question.reply_key)
        return WebhookRegistered(endpoint=await self._descriptions.one(stored), secret=told)

    async def keys(self, question: GetSigningKeys, context: Context) -> SigningKeysFound:
        """The keys that an endpoint's deliveries may be signed with, whoever asks; raises NotFound."""
        endpoint = await self._tables.endpoints.get_of_any_organization(question.endpoint_id)
        if endpoint is None:
            raise no_such(question.endpoint_id)
        return SigningKeysFound(keys=signing_keys(endpoint.secrets, self._clock.now()))

    def _rotated(self, endpoint: Endpoint, new: StoredSecret, kept: timedelta, context: Context) -> Endpoint:
        now = self._clock.now()
        until = now + kept
        old = [
            one.model_copy(update={"ends_at": min(one.ends_at or until, until)}) for one in endpoint.secrets
        ]
        still = [one for one in old if one.ends_at is not None and one.ends_at > now]
        if len(still) >= MOST_SECRETS:
            raise Conflict(
                f"{len(still)} old secrets still sign: wait until one ends, or rotate with keepOldSeconds 0."
            )
        update = {"secrets": (new, *still), "updated_at": now, "registered_by": context.causation_id}
        return endpoint.model_copy(update=update)
