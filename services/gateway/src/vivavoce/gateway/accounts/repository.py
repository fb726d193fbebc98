"""Accounts, their sessions and the sessions' refresh tokens, as they are stored."""

import secrets
import unicodedata
from datetime import datetime, timedelta

from pydantic import Field

from vivavoce.chassis.documents import Collection, Document, Index
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.gateway.auth.principals import Role

EXPIRED_AT_ONCE = Index((("expires_at", 1),), expires_after=timedelta())
ACCOUNT_MARK = "account_"
BY_EMAIL = Index((("organization_id", 1), ("email_key", 1)), unique=True)
BY_EMAIL_ANYWHERE = Index((("email_key", 1), ("created_at", 1)))


class Account(Document):
    """Somebody who signs in. `generation` counts up when all sessions that there are end at once.

    `password_version` counts passwords, not hashes: one password may be hashed anew.
    """

    number: int
    email: str
    email_key: str
    name: str
    role: Role
    password_hash: str = Field(repr=False)
    password_version: int = 1
    generation: int = 0
    created_at: datetime


class Session(Document):
    """One signing in, and whatever is refreshed of it, until it ends."""

    account_id: str
    generation: int
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class RefreshToken(Document):
    """A refresh token by its SHA-256, which is its `id`: the token has 256 random bits.

    `successor` is what it was exchanged for, and `spent_from` a keyed hash of where to. A `voided` one
    was handed out in an answer that the client said it never got.
    """

    session_id: str
    issued_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None
    spent_from: str = ""
    successor: str = ""
    voided: bool = False


def recorded_account(account: Account) -> Account:
    """The account as the audit log compares it: its hash may be renewed without a new password."""
    return account.model_copy(update={"password_hash": ""})


def recorded_session(session: Session) -> Session:
    """The session as the audit log compares it: a new password keeps one by counting it up."""
    return session.model_copy(update={"generation": 0})


def email_key(email: str) -> str:
    """What two spellings of one e-mail have in common: compatibility forms and case are folded."""
    folded = unicodedata.normalize("NFKC", email).casefold()
    return unicodedata.normalize("NFKC", folded)


def new_account_id() -> str:
    """An id that no issuer of bearer tokens gives to its own users."""
    return f"{ACCOUNT_MARK}{secrets.token_hex(12)}"


def is_account_id(record_id: str) -> bool:
    """Whether an id is an account's, and not a session's."""
    return record_id.startswith(ACCOUNT_MARK)


class AccountStore:
    """Finds and adds accounts."""

    def __init__(self, database: Database) -> None:
        self.accounts: Collection[Account] = database.collection(
            "accounts", Account, [BY_EMAIL, BY_EMAIL_ANYWHERE]
        )

    async def find(self, organization_id: str, email: str, uow: UnitOfWork | None = None) -> Account | None:
        """The organization's account of an e-mail, however it is spelled."""
        found = await self.accounts.find(organization_id, {"email_key": email_key(email)}, limit=1, uow=uow)
        return found[0] if found else None

    async def find_anywhere(self, email: str) -> Account | None:
        """The oldest account of an e-mail in any organization."""
        found = await self.accounts.find_in_all_organizations(
            {"email_key": email_key(email)}, sort=[("created_at", 1)], limit=1
        )
        return found[0] if found else None
