"""Whether a session still stands, remembered for a moment so that a request costs no round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import Unauthenticated
from vivavoce.gateway.accounts.access_tokens import AccessTokens
from vivavoce.gateway.accounts.repository import Account, Session, is_account_id
from vivavoce.gateway.accounts.rotation import stands
from vivavoce.gateway.auth.principals import Principal, user
from vivavoce.gateway.auth.remembered import Remembered


@dataclass(frozen=True)
class Standing:
    """Whose session it is that stood when it was looked up, and until when at the most."""

    principal: Principal
    expires_at: datetime


class SessionReader:
    """Turns an access token into the principal of its session, for as long as that stands."""

    def __init__(
        self,
        tokens: AccessTokens,
        sessions: Collection[Session],
        accounts: Collection[Account],
        clock: Clock,
        life: timedelta,
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._accounts = accounts
        self._clock = clock
        self._remembered: Remembered[Standing] = Remembered(self._look_up, clock, life)

    async def recognize(self, token: str) -> Principal:
        """Who holds the token; raises Unauthenticated."""
        claims = self._tokens.read(token)
        principal = await self._principal_of(claims.session_id)
        if (principal.id, principal.organization_id) != (claims.account_id, claims.organization_id):
            raise _ended()
        return principal

    async def check(self, principal: Principal) -> None:
        """Return if the principal's session still stands; raises Unauthenticated."""
        await self._principal_of(principal.session_id)

    def drop(self, record_id: str) -> None:
        """Forget a session, or all sessions of an account, by its id."""
        if is_account_id(record_id):
            self._remembered.drop_where(lambda standing: standing.principal.id == record_id)
        else:
            self._remembered.drop(record_id)

    async def refresh(self) -> None:
        """Look up anew what is in use before it grows old; raises InfrastructureAway."""
        await self._remembered.refresh()

    async def _principal_of(self, session_id: str) -> Principal:
        standing = await self._remembered.get(session_id)
        if standing is None or standing.expires_at <= self._clock.now():
            raise _ended()
        return standing.principal

    async def _look_up(self, ids: Sequence[str]) -> Mapping[str, Standing]:
        """Those of the sessions that stand."""
        now = self._clock.now()
        sessions = await self._sessions.find_in_all_organizations({"id": {"$in": [*ids]}}, limit=len(ids))
        if not sessions:
            return {}
        owners = sorted({session.account_id for session in sessions})
        found = await self._accounts.find_in_all_organizations({"id": {"$in": owners}}, limit=len(owners))
        accounts = {account.id: account for account in found}
        standing: dict[str, Standing] = {}
        for session in sessions:
            account = accounts.get(session.account_id)
            if account is not None and stands(session, account, now):
                standing[session.id] = Standing(principal_of(account, session.id), session.expires_at)
        return standing


def principal_of(account: Account, session_id: str = "") -> Principal:
    """Whoever signed in to an account, before any role that was assigned to them."""
    return replace(user(account.id, account.organization_id, account.role), session_id=session_id)


def _ended() -> Unauthenticated:
    return Unauthenticated("The session has ended: sign in again.")
