"""The administrator's doors to users and roles."""

from typing import Annotated

from fastapi import APIRouter, Query

from vivavoce.gateway.admin.schemas import RoleBody, UserBody, UsersBody, UsersQuery, user_body, users_body
from vivavoce.gateway.auth.permissions import UserManager
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of

router = APIRouter(tags=["administration"])


@router.get("/api/admin/users", summary="List users", responses=failures(400, 401, 403, 503))
async def list_users(
    query: Annotated[UsersQuery, Query()], principal: UserManager, parts: PartsOf
) -> UsersBody:
    """The organization's users by number: who has come with a token, and who was given a role before."""
    return users_body(await parts.users.list(principal.organization_id, query, query.role))


@router.post(
    "/api/admin/roles", summary="Assign a role to a user", responses=failures(400, 401, 403, 404, 413, 503)
)
async def assign_role(body: RoleBody, principal: UserManager, parts: PartsOf) -> UserBody:
    """It outranks the role in the user's token, everywhere within a second, until it is taken back."""
    context = context_of(principal)
    return user_body(await parts.users.assign(principal, context, body.user_id, body.role))
