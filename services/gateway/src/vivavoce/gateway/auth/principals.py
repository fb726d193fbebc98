"""Who calls: a user, an API key, or a caller on this machine; and what each role may do."""

from dataclasses import dataclass
from enum import StrEnum

from vivavoce.chassis.errors import Forbidden


class Permission(StrEnum):
    """One thing that a principal may be allowed; also the scopes of API keys."""

    SUBMIT = "interviews:write"
    READ = "interviews:read"
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


STAFF = frozenset({Role.INTERVIEWER, Role.ADMIN})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
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
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Principal:
    """Who calls, for which organization, and what they may do there.

    `staff` principals see every interview of their organization, others only what they submitted.
    Those `in_portal` hold no more than a link to it. Only users have a `role`.
    """

    id: str
    organization_id: str
    permissions: frozenset[Permission]
    staff: bool
    in_portal: bool = False
    role: Role | None = None

    def require(self, permission: Permission) -> None:
        """Return if the principal may do this; raises Forbidden."""
        if permission not in self.permissions:
            raise Forbidden(f"This needs the permission {permission}, which these credentials don't have.")

    def sees(self, submitted_by: str) -> bool:
        """Whether an interview that this principal submitted, or anyone else did, is theirs to read."""
        return self.staff or submitted_by == self.id


def user(user_id: str, organization_id: str, role: Role) -> Principal:
    """A user with a role in an organization."""
    return Principal(user_id, organization_id, PERMISSIONS[role], staff=role in STAFF, role=role)
