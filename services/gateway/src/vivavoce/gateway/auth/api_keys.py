"""API keys: shown once, stored as a hash, limited to scopes, revocable."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection, Document, Index
from vivavoce.chassis.errors import Forbidden, NotFound, Unauthenticated
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AuditAction
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.principals import Kind, Permission, Principal

MARK = "viva"
_FORM = re.compile(r"viva_(?P<prefix>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
DEFAULT_SCOPES = (Permission.SUBMIT, Permission.READ, Permission.WEBHOOKS)


class ApiKey(Document):
    """A key without its secret: `id` is the visible prefix, `digest` the SHA-256 of the whole key.

    The secret has 256 random bits, so that a plain hash can't be searched.
    """

    name: str
    digest: str
    scopes: tuple[Permission, ...]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


class KeyRevoked(Unauthenticated):
    """The key was good once; `principal` is whom it stood for."""

    code = "key_revoked"

    def __init__(self, message: str, principal: Principal) -> None:
        super().__init__(message)
        self.principal = principal


@dataclass(frozen=True)
class IssuedKey:
    """A new key and its only appearance in the clear."""

    record: ApiKey
    key: str


def looks_like_key(credential: str) -> bool:
    """Whether a bearer credential is meant as an API key rather than a token."""
    return credential.startswith(MARK + "_")


def _principal_of(record: ApiKey) -> Principal:
    scopes = frozenset(record.scopes)
    return Principal(f"key_{record.id}", record.organization_id, scopes, staff=True, kind=Kind.API_KEY)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKeys:
    """Issues, recognizes, lists and revokes keys."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keys: Collection[ApiKey] = database.collection(
            "api_keys", ApiKey, [Index((("organization_id", 1), ("created_at", 1)))]
        )

    async def issue(
        self, principal: Principal, context: Context, *, name: str, scopes: tuple[Permission, ...]
    ) -> IssuedKey:
        """A new key for the principal's organization; raises Forbidden for scopes they don't have."""
        beyond = [scope for scope in scopes if not principal.allows(scope)]
        if beyond:
            raise Forbidden(f"You can't give away what you may not do yourself: {', '.join(beyond)}.")
        prefix = secrets.token_hex(6)
        key = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
        record = ApiKey(
            id=prefix,
            organization_id=principal.organization_id,
            name=name,
            digest=_digest(key),
            scopes=scopes,
            created_by=principal.id,
            created_at=self._clock.now(),
        )

        async def store(uow: UnitOfWork) -> None:
            await self._keys.insert(record, uow)
            await self._audit.record(uow, AuditAction.API_KEY_CREATE, record.id, after=record)

        await self._database.transact(context, store)
        return IssuedKey(record, key)

    async def recognize(self, key: str) -> Principal:
        """Whom a key stands for; raises Unauthenticated."""
        form = _FORM.fullmatch(key)
        record = await self._keys.get_of_any_organization(form["prefix"]) if form else None
        if record is None or not hmac.compare_digest(record.digest, _digest(key)):
            raise Unauthenticated("The API key is not known.")
        if record.revoked_at is not None:
            raise KeyRevoked("The API key has been revoked.", _principal_of(record))
        return _principal_of(record)

    async def list(self, organization_id: str) -> list[ApiKey]:
        """The organization's keys, oldest first, revoked ones too."""
        return await self._keys.find(organization_id, sort=[("created_at", 1)], limit=1000)

    async def revoke(self, context: Context, key_id: str) -> None:
        """End a key of the context's organization at once; raises NotFound."""

        async def mark(uow: UnitOfWork) -> None:
            record = await self._keys.get(context.organization_id, key_id, uow)
            if record is None:
                raise NotFound(f"There is no API key {key_id}.")
            if record.revoked_at is None:
                revoked = record.model_copy(update={"revoked_at": self._clock.now()})
                await self._keys.save(revoked, uow)
                await self._audit.record(
                    uow, AuditAction.API_KEY_REVOKE, record.id, before=record, after=revoked
                )

        await self._database.transact(context, mark)
