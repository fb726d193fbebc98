"""Who calls: a user, an API key, a link, or a caller on this machine; and what each role may do."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from vivavoce.chassis.errors import Forbidden


class Permission(StrEnum):
    """One thing that a principal may be allowed; also the scopes of API keys."""

    SUBMIT = "interviews:write"
    READ = "interviews:read"
    VIEW = "results:view"
    SCORES = "scores:write"
    ANALYTICS = "analytics:read"
    WEBHOOKS = "webhooks:manage"
    LINKS = "links:manage"
    KEYS = "keys:manage"
    USERS = "users:manage"
    AUDIT = "audit:read"


class Role(StrEnum):
    """The roles of users."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    ADMIN = "admin"


EVERYTHING = "*"
IMPLIED = {Permission.VIEW: Permission.READ}
"""What comes with another permission: whoever reads interviews sees their results."""

STAFF = frozenset({Role.INTERVIEWER, Role.ADMIN})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.CANDIDATE: frozenset({Permission.SUBMIT, Permission.READ}),
    Role.INTERVIEWER: frozenset(
        {
            Permission.SUBMIT,
            Permission.READ,
            Permission.SCORES,
            Permission.ANALYTICS,
            Permission.WEBHOOKS,
            Permission.LINKS,
        }
    ),
    Role.ADMIN: frozenset({EVERYTHING}),
}


@dataclass(frozen=True)
class Principal:
    """Who calls, for which organization, and what they may do there.

    `staff` principals see every interview of their organization, others only what they submitted.
    Those `in_portal` hold no more than a link to it, and those with an `interview_id` a link to that one
    interview. Only users have a `role`; `owner` is the user behind a key or a link.
    """

    id: str
    organization_id: str
    permissions: frozenset[str]
    staff: bool
    in_portal: bool = False
    role: Role | None = None
    interview_id: str | None = None
    owner: str | None = None

    def require(self, permission: Permission) -> None:
        """Return if the principal may do this; raises Forbidden."""
        if not is_granted(permission, self.permissions):
            raise Forbidden(f"This needs the permission {permission}, which these credentials don't have.")

    def sees(self, submitted_by: str, interview_id: str) -> bool:
        """Whether an interview, which this principal or anyone else submitted, is theirs to read."""
        if self.interview_id is not None:
            return interview_id == self.interview_id
        return self.staff or submitted_by == self.id


def is_granted(wanted: str, held: Collection[str]) -> bool:
    """Whether permissions that are held, some with wildcards, grant what is wanted.

    `interviews:*` grants all that begins so, `*` everything. A wildcard itself is granted only by one
    that reaches as far: it stands for what is yet to come, too.
    """
    area = wanted.partition(":")[0]
    implied = IMPLIED.get(Permission(wanted)) if wanted in set(Permission) else None
    return bool({wanted, f"{area}:*", EVERYTHING} & set(held)) or (
        implied is not None and is_granted(implied, held)
    )


def user(user_id: str, organization_id: str, role: Role) -> Principal:
    """A user with a role in an organization."""
    return Principal(user_id, organization_id, PERMISSIONS[role], staff=role in STAFF, role=role)


def in_role(principal: Principal, role: Role) -> Principal:
    """The same user in another role."""
    return replace(principal, role=role, permissions=PERMISSIONS[role], staff=role in STAFF)
