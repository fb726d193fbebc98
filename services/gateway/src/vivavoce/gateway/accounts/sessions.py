"""Sessions: opened by a password, kept by refresh tokens that work once, ended one by one or all."""

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import Unauthenticated
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AccessChanged, AccessKind, AuditAction
from vivavoce.gateway.accounts.access_tokens import AccessTokens, SessionClaims
from vivavoce.gateway.accounts.context import context_for
from vivavoce.gateway.accounts.repository import (
    EXPIRED_AT_ONCE,
    Account,
    RefreshToken,
    Session,
    recorded_session,
)
from vivavoce.gateway.accounts.rotation import Use, meaning_of_use, stands
from vivavoce.gateway.accounts.standing import SessionReader
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.settings import GatewaySettings

FORM = re.compile(r"vivar_[A-Za-z0-9_-]{43}")

log = get_logger("vivavoce.security")


@dataclass(frozen=True)
class OpenedSession:
    """An account, and the tokens of its session in the clear."""

    account: Account
    access_token: str
    refresh_token: str
    expires_in: int

    def acting_as(self, principal: Principal) -> "OpenedSession":
        """The session with its account in the role that it acts in."""
        return replace(self, account=self.account.model_copy(update={"role": principal.role}))


class Sessions:
    """Opens, refreshes, recognizes and ends sessions."""

    def __init__(
        self,
        database: Database,
        accounts: Collection[Account],
        audit: AuditLog,
        tokens: AccessTokens,
        clock: Clock,
        settings: GatewaySettings,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._audit = audit
        self._tokens = tokens
        self._clock = clock
        self._settings = settings
        self._sessions: Collection[Session] = database.collection("sessions", Session, [EXPIRED_AT_ONCE])
        self._refresh_tokens: Collection[RefreshToken] = database.collection(
            "refresh_tokens", RefreshToken, [EXPIRED_AT_ONCE]
        )
        self.reader = SessionReader(tokens, self._sessions, accounts, clock, settings.access_life)

    async def open(self, account: Account, uow: UnitOfWork) -> OpenedSession:
        """A new session of an account, with the commit."""
        now = self._clock.now()
        session = Session(
            id=f"session_{secrets.token_hex(12)}",
            organization_id=account.organization_id,
            account_id=account.id,
            generation=account.generation,
            created_at=now,
            expires_at=now + timedelta(seconds=self._settings.session_longest_seconds),
        )
        await self._sessions.insert(session, uow)
        await self._audit.record(uow, AuditAction.SESSION_CREATE, session.id, after=recorded_session(session))
        secret, _ = await self._hand_out(session, uow)
        return self._opened(account, session, secret)

    async def refresh(self, secret: str, origin: str) -> OpenedSession:
        """New tokens for a refresh token; raises Unauthenticated.

        A token that was used before ends its session, whoever of the two is the thief.
        """
        self._tokens.require_secret()
        digest = _digest(secret)
        known = await self._refresh_tokens.get_of_any_organization(digest) if FORM.fullmatch(secret) else None
        if known is None:
            raise Unauthenticated("The refresh token is not known, or has ended: sign in again.")

        async def work(uow: UnitOfWork) -> OpenedSession | None:
            token = await self._refresh_tokens.get(known.organization_id, digest, uow)
            return None if token is None else await self._exchange(token, origin, uow)

        opened = await self._database.transact(context_for(known.organization_id), work)
        if opened is None:
            self.reader.drop(known.session_id)
            raise Unauthenticated("The session has ended: sign in again.")
        return opened

    async def end(self, principal: Principal) -> None:
        """End the principal's session."""

        async def work(uow: UnitOfWork) -> None:
            session = await self._sessions.get(principal.organization_id, principal.session_id, uow)
            if session is not None and session.ended_at is None:
                await self._end(session, AuditAction.SESSION_END, uow)

        await self._database.transact(context_for(principal.organization_id, principal), work)
        self.reader.drop(principal.session_id)

    async def renew(self, principal: Principal, account: Account, uow: UnitOfWork) -> None:
        """Keep the principal's session when the account's generation has counted up, with the commit."""
        session = await self._sessions.get(principal.organization_id, principal.session_id, uow)
        if session is not None:
            await self._sessions.save(session.model_copy(update={"generation": account.generation}), uow)

    async def _exchange(self, token: RefreshToken, origin: str, uow: UnitOfWork) -> OpenedSession | None:
        """The new tokens; None when the session has ended, or ends with this."""
        now, organization = self._clock.now(), token.organization_id
        session = await self._sessions.get(organization, token.session_id, uow)
        account = await self._accounts.get(organization, session.account_id, uow) if session else None
        if session is None or account is None or not stands(session, account, now) or token.expires_at <= now:
            return None
        successor = await self._refresh_tokens.get(organization, token.successor, uow)
        grace = timedelta(seconds=self._settings.refresh_grace_seconds)
        use = meaning_of_use(token, successor, now, origin, grace)
        if use is Use.REUSE:
            await self._end(session, AuditAction.SECURITY_REFRESH_REUSED, uow)
            uow.after_commit(lambda: _tell_reuse(session, token))
            return None
        if successor is not None:
            await self._refresh_tokens.save(successor.model_copy(update={"voided": True}), uow)
        secret, digest = await self._hand_out(session, uow)
        await self._refresh_tokens.save(_spent(token, now, origin, digest), uow)
        return self._opened(account, session, secret)

    async def _end(self, session: Session, action: AuditAction, uow: UnitOfWork) -> None:
        """End a session and have every instance forget it, with the commit, and record why."""
        ended = session.model_copy(update={"ended_at": self._clock.now()})
        await self._sessions.save(ended, uow)
        before, after = recorded_session(session), recorded_session(ended)
        await self._audit.record(uow, action, session.id, before=before, after=after)
        uow.emit(session_changed(session.organization_id, session.id))

    async def _hand_out(self, session: Session, uow: UnitOfWork) -> tuple[str, str]:
        """A new refresh token of a session, and its digest."""
        now, secret = self._clock.now(), f"vivar_{secrets.token_urlsafe(32)}"
        idle = timedelta(seconds=self._settings.session_idle_seconds)
        token = RefreshToken(
            id=_digest(secret),
            organization_id=session.organization_id,
            session_id=session.id,
            issued_at=now,
            expires_at=min(now + idle, session.expires_at),
        )
        await self._refresh_tokens.insert(token, uow)
        return secret, token.id

    def _opened(self, account: Account, session: Session, secret: str) -> OpenedSession:
        claims = SessionClaims(account.id, account.organization_id, session.id)
        return OpenedSession(account, self._tokens.issue(claims), secret, self._tokens.lifetime_seconds)


def session_changed(organization_id: str, record_id: str) -> AccessChanged:
    """That a session has ended, or, by its account's id, all sessions of an account that were open."""
    return AccessChanged(organization_id=organization_id, kind=AccessKind.SESSION, id=record_id)


def _spent(token: RefreshToken, now: datetime, origin: str, successor: str) -> RefreshToken:
    """The token as exchanged: a retry doesn't make the grace longer."""
    first = token.spent_at or now
    return token.model_copy(update={"spent_at": first, "spent_from": origin, "successor": successor})


def _tell_reuse(session: Session, token: RefreshToken) -> None:
    log.warning(
        "refresh_reused",
        organization_id=session.organization_id,
        account_id=session.account_id,
        session_id=session.id,
        voided=token.voided,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
