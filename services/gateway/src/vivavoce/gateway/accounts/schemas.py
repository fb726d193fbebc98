"""The bodies of the v1 accounts, in its snake case."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from vivavoce.gateway.accounts.passwords import (
    FEWEST_CHARACTERS,
    MOST_BYTES,
    length_problem,
    size_problem,
)
from vivavoce.gateway.accounts.repository import Account
from vivavoce.gateway.accounts.service import Registration
from vivavoce.gateway.accounts.sessions import OpenedSession
from vivavoce.gateway.auth.principals import Principal, Role
from vivavoce.gateway.texts import Email, Name, storable

LONGEST_REFRESH_TOKEN = 200


def _password(problem_of: Callable[[str], str | None]) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        problem = problem_of(storable(value.get_secret_value()))
        if problem is not None:
            raise PydanticCustomError("password", "{problem}", {"problem": problem})
        return value

    return AfterValidator(check)


NewPassword = Annotated[
    SecretStr,
    Field(json_schema_extra={"minLength": FEWEST_CHARACTERS, "maxLength": MOST_BYTES}),
    _password(length_problem),
]
GivenPassword = Annotated[
    SecretStr, Field(json_schema_extra={"maxLength": MOST_BYTES}), _password(size_problem)
]


class Body(BaseModel):
    """A body of the v1 API."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class RegistrationBody(Body):
    """Who registers. Any password of 12 characters will do that isn't among the first guesses."""

    email: Email
    password: NewPassword
    name: Name

    def registration(self) -> Registration:
        """What to register."""
        return Registration(self.email, self.name, self.password.get_secret_value())


class LoginBody(Body):
    """Who signs in."""

    email: Email
    password: GivenPassword


class RefreshBody(Body):
    """The refresh token that was given last; it works once."""

    refresh_token: str = Field(max_length=LONGEST_REFRESH_TOKEN)


class PasswordBody(Body):
    """The password that holds, and the one that shall."""

    current_password: GivenPassword
    new_password: NewPassword


class TokenType(StrEnum):
    """How an access token is sent."""

    BEARER = "bearer"


class AccountBody(Body):
    """A user by their number within the organization."""

    id: int
    email: str
    name: str
    role: Role
    created_at: datetime


class SessionBody(Body):
    """The tokens of a session: `access_token` holds for `expires_in` seconds."""

    access_token: str
    refresh_token: str
    token_type: TokenType = TokenType.BEARER
    expires_in: int
    user: AccountBody


class MeBody(Body):
    """Who asks. Those who have no account here have no number, e-mail, name or date either."""

    id: int | None = None
    email: str | None = None
    name: str | None = None
    role: Role | None = None
    created_at: datetime | None = None
    organization_id: str
    permissions: tuple[str, ...]


def session_body(opened: OpenedSession) -> SessionBody:
    """The tokens of a session that was just opened or refreshed."""
    return SessionBody(
        access_token=opened.access_token,
        refresh_token=opened.refresh_token,
        expires_in=opened.expires_in,
        user=AccountBody(**_fields(opened.account)),
    )


def me_body(principal: Principal, account: Account | None) -> MeBody:
    """A principal as they see themselves, in the role that they act in."""
    return MeBody(
        **{**(_fields(account) if account is not None else {}), "role": principal.role},
        organization_id=principal.organization_id,
        permissions=tuple(sorted(principal.permissions)),
    )


def _fields(account: Account) -> dict[str, object]:
    return {"id": account.number, **account.model_dump(include={"email", "name", "role", "created_at"})}
