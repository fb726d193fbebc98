"""The v1 doors of accounts: register, sign in, stay signed in, leave."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from vivavoce.gateway.accounts.permissions import OriginOf, SessionHolder
from vivavoce.gateway.accounts.schemas import (
    LoginBody,
    MeBody,
    PasswordBody,
    RefreshBody,
    RegistrationBody,
    SessionBody,
    me_body,
    session_body,
)
from vivavoce.gateway.auth.permissions import Anyone, Identified
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf


def _not_stored(response: Response) -> None:
    """Tokens and personal data belong into no cache (RFC 6749, section 5.1)."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/api/v1/auth", tags=["v1 accounts"], dependencies=[Depends(_not_stored)])

NO_CONTENT = 204
OK = 200
REGISTERED_BEFORE: dict[int | str, dict[str, Any]] = {
    OK: {"model": SessionBody, "description": "The account was there, with this password."}
}


@router.post(
    "/register",
    summary="Register",
    status_code=201,
    responses={**REGISTERED_BEFORE, **failures(400, 403, 409, 413, 429, 503)},
)
async def register(
    _: Anyone, body: RegistrationBody, origin: OriginOf, parts: PartsOf, response: Response
) -> SessionBody:
    """A new account, signed in. Sent again with the same password, it signs in to the same account."""
    opened, is_new = await parts.accounts.register(body.registration(), origin)
    response.status_code = 201 if is_new else OK
    return session_body(opened)


@router.post("/login", summary="Sign in", responses=failures(400, 401, 413, 429, 503))
async def login(_: Anyone, body: LoginBody, origin: OriginOf, parts: PartsOf) -> SessionBody:
    """Tokens for an e-mail and its password; whatever is wrong is answered in one way."""
    password = body.password.get_secret_value()
    return session_body(await parts.accounts.sign_in(body.email, password, origin))


@router.post("/refresh", summary="Refresh a session's tokens", responses=failures(400, 401, 413, 503))
async def refresh(_: Anyone, body: RefreshBody, origin: OriginOf, parts: PartsOf) -> SessionBody:
    """New tokens for a refresh token. It works once: used again, it ends its session."""
    return session_body(await parts.accounts.refresh(body.refresh_token, origin))


@router.post("/logout", summary="Sign out", status_code=NO_CONTENT, responses=failures(401, 403, 503))
async def logout(principal: SessionHolder, parts: PartsOf) -> Response:
    """End this session: its tokens are refused everywhere within a second."""
    await parts.accounts.sign_out(principal)
    return Response(status_code=NO_CONTENT)


@router.post(
    "/logout-all", summary="Sign out everywhere", status_code=NO_CONTENT, responses=failures(401, 403, 503)
)
async def logout_all(principal: SessionHolder, parts: PartsOf) -> Response:
    """End all sessions of this account."""
    await parts.accounts.sign_out_everywhere(principal)
    return Response(status_code=NO_CONTENT)


@router.get("/me", summary="Read who asks", responses=failures(401, 503))
async def me(principal: Identified, parts: PartsOf) -> MeBody:
    """The account behind any credentials, and what they permit."""
    return me_body(principal, await parts.accounts.account_of(principal))


@router.post(
    "/password",
    summary="Change the password",
    status_code=NO_CONTENT,
    responses=failures(400, 401, 403, 413, 429, 503),
)
async def change_password(
    body: PasswordBody, principal: SessionHolder, origin: OriginOf, parts: PartsOf
) -> Response:
    """Take a new password and end all other sessions of this account."""
    current, new = body.current_password.get_secret_value(), body.new_password.get_secret_value()
    await parts.accounts.change_password(principal, current, new, origin)
    return Response(status_code=NO_CONTENT)
