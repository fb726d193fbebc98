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


class Kind(StrEnum):
    """What a principal is known by."""

    USER = "user"
    API_KEY = "api_key"
    CANDIDATE_LINK = "candidate_link"
    PORTAL = "portal"
    LOOPBACK = "loopback"


EVERYTHING = "*"
IMPLIED: dict[str, Permission] = {Permission.VIEW: Permission.READ}
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


def grants(held: Collection[str], wanted: str) -> bool:
    """Whether held permissions cover a wanted one: by name, by `subject:*`, by `*`, or as `IMPLIED`.

    A wildcard that is wanted is covered only by one that reaches as far: it stands for what is yet to
    come, too.
    """
    subject, implying = wanted.partition(":")[0], IMPLIED.get(wanted)
    if not {wanted, f"{subject}:*", EVERYTHING}.isdisjoint(held):
        return True
    return implying is not None and grants(held, implying)


@dataclass(frozen=True)
class Principal:
    """Who calls, for which organization, and what they may do there.

    `staff` principals see every interview of their organization; others what they submitted, and the
    interviews of the candidate with their `email`, which is case-folded and there only when the issuer
    says that it is verified. Those with an `interview_id` hold a link to that one interview. Only users
    have a `role`; `owner` is the user behind a key or a link. `session_id` is the session that the
    credentials belong to, if any.
    """

    id: str
    organization_id: str
    permissions: frozenset[str]
    staff: bool
    role: Role | None = None
    kind: Kind = Kind.USER
    email: str | None = None
    interview_id: str | None = None
    owner: str | None = None
    session_id: str = ""

    @property
    def in_portal(self) -> bool:
        """Whether the principal holds no more than a link to the webhook portal."""
        return self.kind is Kind.PORTAL

    def allows(self, permission: str) -> bool:
        """Whether the principal may do this."""
        return grants(self.permissions, permission)

    def require(self, permission: Permission) -> None:
        """Return if the principal may do this; raises Forbidden."""
        if not self.allows(permission):
            raise Forbidden(f"This needs the permission {permission}, which these credentials don't have.")

    def sees(self, submitted_by: str, candidate_email: str, interview_id: str) -> bool:
        """Whether the interview with this id, of this submitter and this candidate, is theirs to read."""
        if self.interview_id is not None:
            return interview_id == self.interview_id
        return self.staff or submitted_by == self.id or self.is_candidate(candidate_email)

    def is_candidate(self, candidate_email: str) -> bool:
        """Whether the principal is known to be the candidate with this case-folded address."""
        return self.email is not None and self.email == candidate_email


def user(
    user_id: str, organization_id: str, role: Role, *, email: str | None = None, kind: Kind = Kind.USER
) -> Principal:
    """A user with a role in an organization; `email` only if it is verified."""
    folded = email.strip().casefold() if email else None
    return Principal(user_id, organization_id, PERMISSIONS[role], role in STAFF, role, kind, folded)


def in_role(principal: Principal, role: Role) -> Principal:
    """The same user in another role."""
    return replace(principal, role=role, permissions=PERMISSIONS[role], staff=role in STAFF)
