"""The door to CSRF tokens."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from vivavoce.gateway.auth.cookies import session_of
from vivavoce.gateway.auth.csrf import COOKIE
from vivavoce.gateway.auth.permissions import Anyone
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf

router = APIRouter(tags=["system"])


class CsrfBody(BaseModel):
    """A token, to be sent back in `X-CSRF-Token`."""

    csrf_token: str = Field(serialization_alias="csrfToken")


@router.get("/api/csrf", summary="Read a CSRF token", responses=failures(503))
async def read_csrf_token(request: Request, _: Anyone, parts: PartsOf, response: Response) -> CsrfBody:
    """For pages that come with the session cookie. Callers with a bearer token or an API key need none."""
    token = parts.csrf.issue(await session_of(request, parts))
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")
    return CsrfBody(csrf_token=token)
