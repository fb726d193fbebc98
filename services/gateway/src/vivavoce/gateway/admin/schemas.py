"""The bodies of users and their roles."""

from datetime import datetime

from pydantic import Field

from vivavoce.gateway.admin.users import User
from vivavoce.gateway.auth.principals import Role
from vivavoce.gateway.auth.schemas import Body
from vivavoce.gateway.pages import Page, PageQuery
from vivavoce.gateway.texts import Identifier


class UsersQuery(PageQuery):
    """Which users: those who act in a role, or all."""

    role: Role | None = None


class RoleBody(Body):
    """Who gets which role; null takes an assigned role back, and the token's holds again."""

    user_id: Identifier = Field(description="The `sub` of the user's tokens; they need not have come yet.")
    role: Role | None


class UserBody(Body):
    """A user: `role` is the one they act in, the assigned one or else their token's."""

    id: str
    number: int
    role: Role | None
    token_role: Role | None
    assigned_role: Role | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None


class UsersBody(Body):
    """A page of the organization's users by number; the last one has no `nextCursor`."""

    users: tuple[UserBody, ...]
    next_cursor: str | None


def user_body(user: User) -> UserBody:
    """A user as administrators see them, by the id in their tokens."""
    return UserBody(
        id=user.user_id,
        number=user.number,
        role=user.role,
        token_role=user.token_role,
        assigned_role=user.assigned_role,
        first_seen_at=user.first_seen_at,
        last_seen_at=user.last_seen_at,
    )


def users_body(page: Page[User]) -> UsersBody:
    """A page of users."""
    return UsersBody(users=tuple(user_body(user) for user in page.items), next_cursor=page.next_cursor)
