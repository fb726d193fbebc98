"""Whether a session still stands, remembered for a moment so that a request costs no round trip."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import Unauthenticated
from vivavoce.gateway.accounts.access_tokens import AccessTokens, SessionClaims
from vivavoce.gateway.accounts.repository import Account, Session
from vivavoce.gateway.accounts.rotation import stands
from vivavoce.gateway.auth.principals import Principal, user

MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class _Seen:
    """What the database said of a session, and when it was asked."""

    at: datetime
    principal: Principal | None


class SessionReader:
    """Turns an access token into the principal of its session, for as long as that stands."""

    def __init__(
        self,
        tokens: AccessTokens,
        sessions: Collection[Session],
        accounts: Collection[Account],
        clock: Clock,
        remember: timedelta,
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._accounts = accounts
        self._clock = clock
        self._remember = remember
        self._seen: dict[str, _Seen] = {}

    async def recognize(self, token: str) -> Principal:
        """Who holds the token; raises Unauthenticated."""
        claims = self._tokens.read(token)
        seen = self._seen.get(claims.session_id)
        if seen is None or self._clock.now() - seen.at >= self._remember:
            seen = await self._look(claims)
        if seen.principal is None or seen.principal.id != claims.account_id:
            raise Unauthenticated("The session has ended: sign in again.")
        return seen.principal

    def forget(self, session_id: str) -> None:
        """Ask the database the next time: this instance has just changed the session."""
        self._seen.pop(session_id, None)

    def forget_all(self) -> None:
        """Ask the database the next time, of whichever session."""
        self._seen.clear()

    async def _look(self, claims: SessionClaims) -> _Seen:
        """What is read may be as old as the question, so that is what its age counts from."""
        at = self._clock.now()
        session = await self._sessions.get(claims.organization_id, claims.session_id)
        account = await self._accounts.get(claims.organization_id, claims.account_id)
        seen = _Seen(at, _principal(session, account) if stands(session, account, at) else None)
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[claims.session_id] = seen
        return seen


def _principal(session: Session | None, account: Account | None) -> Principal | None:
    if session is None or account is None:
        return None
    return replace(user(account.id, account.organization_id, account.role), session_id=session.id)
