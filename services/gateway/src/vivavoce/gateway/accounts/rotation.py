"""What the use of a refresh token means: a rule over what is stored of it and of its successor."""

from datetime import datetime, timedelta
from enum import Enum, auto

from vivavoce.gateway.accounts.repository import Account, RefreshToken, Session


class Use(Enum):
    """What a use is taken for."""

    FIRST = auto()
    RETRY = auto()
    REUSE = auto()


def meaning_of_use(
    token: RefreshToken, successor: RefreshToken | None, now: datetime, origin: str, grace: timedelta
) -> Use:
    """A first use; a retry of one whose answer got lost; or the use of a token that somebody else has used.

    A retry comes from where the first use came from, within the grace, and before the successor was
    used. That successor is voided then, so that of one session there is never more than one token that
    can be exchanged: if a thief was one of the two, the other's next use is a reuse and ends the session.
    """
    if token.voided:
        return Use.REUSE
    if token.spent_at is None:
        return Use.FIRST
    unused = successor is not None and successor.spent_at is None and not successor.voided
    if unused and token.spent_from == origin and now - token.spent_at < grace:
        return Use.RETRY
    return Use.REUSE


def stands(session: Session | None, account: Account | None, now: datetime) -> bool:
    """Whether a session still holds for its account."""
    if session is None or account is None:
        return False
    alive = session.ended_at is None and now < session.expires_at
    return alive and session.account_id == account.id and session.generation == account.generation
