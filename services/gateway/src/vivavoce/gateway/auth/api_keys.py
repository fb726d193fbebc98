"""API keys: shown once, stored as a hash, limited to scopes, ending by themselves or revoked."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection, Index
from vivavoce.chassis.errors import AlreadyExists, NotFound, Unauthenticated
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AccessChanged, AccessKind, AuditAction
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.notes import Notes, is_worth_writing
from vivavoce.gateway.auth.principals import Kind, Principal
from vivavoce.gateway.auth.remembered import Remembered
from vivavoce.gateway.auth.scopes import check_given
from vivavoce.gateway.auth.writing import write_by_organization
from vivavoce.gateway.idempotency.claims import repeatable_bytes
from vivavoce.gateway.pages import Page, PageQuery, Placed, place_of, read_page
from vivavoce.gateway.settings import GatewaySettings

MARK = "viva"
_FORM = re.compile(r"viva_(?P<prefix>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
NO_DIGEST = "0" * 64


class ApiKey(Placed):
    """A key without its secret: `id` is the visible prefix, `digest` the SHA-256 of the whole key.

    The secret has 256 random bits, so that a plain hash can't be searched. `owner` is the user behind
    whoever created it. `last_used_at` lags by a minute or so.
    """

    name: str
    digest: str
    scopes: tuple[str, ...]
    created_by: str
    owner: str = ""
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
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


@dataclass(frozen=True)
class Use:
    """That a key was used."""

    organization_id: str
    key_id: str
    at: datetime


def looks_like_key(credential: str) -> bool:
    """Whether a bearer credential is meant as an API key rather than a token."""
    return credential.startswith(MARK + "_")


def _principal_of(record: ApiKey) -> Principal:
    return Principal(
        f"key_{record.id}",
        record.organization_id,
        frozenset(record.scopes),
        staff=True,
        kind=Kind.API_KEY,
        owner=record.owner or record.created_by,
    )


def _unused(record: ApiKey) -> ApiKey:
    """The key as people made it, which its use doesn't change."""
    return record.model_copy(update={"last_used_at": None})


def _text(material: bytes) -> str:
    return base64.urlsafe_b64encode(material).rstrip(b"=").decode()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKeys:
    """Issues, recognizes, lists, renames and revokes keys."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock, settings: GatewaySettings) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keys: Collection[ApiKey] = database.collection(
            "api_keys", ApiKey, [Index((("organization_id", 1), ("place", 1)))]
        )
        self.memory: Remembered[ApiKey] = Remembered(self._look_up, clock, settings.access_life)
        self.uses: Notes[Use] = Notes(self._write_uses, clock)

    async def issue(
        self,
        principal: Principal,
        context: Context,
        *,
        name: str,
        scopes: tuple[str, ...],
        expires_at: datetime | None = None,
    ) -> IssuedKey:
        """A new key for the principal's organization; raises Forbidden for scopes they don't have."""
        check_given(principal, scopes)
        prefix, now = repeatable_bytes("api key prefix", 6).hex(), self._clock.now()
        key = f"{MARK}_{prefix}_{_text(repeatable_bytes('api key secret', 32))}"
        record = ApiKey(
            id=prefix,
            organization_id=principal.organization_id,
            place=place_of(now, prefix),
            name=name,
            digest=_digest(key),
            scopes=scopes,
            created_by=principal.id,
            owner=principal.owner or principal.id,
            created_at=now,
            expires_at=expires_at,
        )

        async def store(uow: UnitOfWork) -> None:
            await self._keys.insert(record, uow)
            await self._audit.record(uow, AuditAction.API_KEY_CREATE, record.id, after=record)

        try:
            await self._database.transact(context, store)
        except AlreadyExists:
            return await self._issued_before(record, key)
        self.memory.drop(prefix)
        return IssuedKey(record, key)

    async def _issued_before(self, repeat: ApiKey, key: str) -> IssuedKey:
        """The key that an earlier run of the same request stored, whose answer was lost."""
        record = await self._keys.get(repeat.organization_id, repeat.id)
        if record is None or record.digest != repeat.digest:
            raise AlreadyExists("There is a key with this prefix already: try again.")
        return IssuedKey(record, key)

    async def recognize(self, key: str) -> Principal:
        """Whom a key stands for; raises Unauthenticated. What is unknown costs what is known does."""
        form = _FORM.fullmatch(key)
        record = await self.memory.get(form["prefix"]) if form else None
        expected = NO_DIGEST if record is None else record.digest
        same = hmac.compare_digest(expected, _digest(key))
        if record is None or not same:
            raise Unauthenticated("The API key is not known.")
        now = self._clock.now()
        if record.revoked_at is not None:
            raise KeyRevoked("The API key has been revoked.", _principal_of(record))
        if record.expires_at is not None and record.expires_at <= now:
            raise Unauthenticated("The API key has expired: ask for a new one.")
        self.uses.note(record.id, Use(record.organization_id, record.id, now))
        return _principal_of(record)

    async def list(self, organization_id: str, query: PageQuery) -> Page[ApiKey]:
        """A page of the organization's keys, oldest first, those that have ended too."""
        return await read_page(self._keys, organization_id, query)

    async def get(self, organization_id: str, key_id: str, uow: UnitOfWork | None = None) -> ApiKey:
        """One key; raises NotFound."""
        record = await self._keys.get(organization_id, key_id, uow)
        if record is None:
            raise NotFound(f"There is no API key {key_id}.")
        return record

    async def rename(self, context: Context, key_id: str, name: str) -> ApiKey:
        """Give a key of the context's organization another name; raises NotFound."""

        def renamed(record: ApiKey) -> ApiKey:
            return record.model_copy(update={"name": name})

        return await self._change(context, key_id, AuditAction.API_KEY_RENAME, renamed)

    async def revoke(self, context: Context, key_id: str) -> None:
        """End a key of the context's organization at once; raises NotFound."""
        await self._change(context, key_id, AuditAction.API_KEY_REVOKE, self._revoked)

    def _revoked(self, record: ApiKey) -> ApiKey:
        """The key with its end; one that was revoked before stays as it is."""
        ended_at = record.revoked_at or self._clock.now()
        return record.model_copy(update={"revoked_at": ended_at})

    async def _change(
        self, context: Context, key_id: str, action: AuditAction, change: Callable[[ApiKey], ApiKey]
    ) -> ApiKey:
        """Store a change of a key and tell every instance, when it makes a difference."""

        async def store(uow: UnitOfWork) -> ApiKey:
            record = await self.get(context.organization_id, key_id, uow)
            changed = change(record)
            if changed != record:
                await self._keys.save(changed, uow)
                await self._audit.record(
                    uow, action, record.id, before=_unused(record), after=_unused(changed)
                )
                uow.emit(
                    AccessChanged(
                        organization_id=context.organization_id, kind=AccessKind.API_KEY, id=record.id
                    )
                )
            return changed

        changed = await self._database.transact(context, store)
        self.memory.drop(key_id)
        return changed

    async def _look_up(self, ids: Sequence[str]) -> Mapping[str, ApiKey]:
        found = await self._keys.find_in_all_organizations({"id": {"$in": list(ids)}}, limit=len(ids))
        return {record.id: record for record in found}

    async def _write_uses(self, uses: Mapping[str, Use]) -> None:
        await write_by_organization(self._database, uses.values(), self._write_used)

    async def _write_used(self, uses: Sequence[Use], uow: UnitOfWork) -> None:
        await self._keys.read_ahead([use.key_id for use in uses], uow)
        for use in uses:
            record = await self._keys.get(use.organization_id, use.key_id, uow)
            if record is not None and is_worth_writing(record.last_used_at, use.at):
                await self._keys.save(record.model_copy(update={"last_used_at": use.at}), uow)
