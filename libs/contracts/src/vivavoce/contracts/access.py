"""Access: that what a credential or a user may do is no longer what it was."""

from datetime import timedelta
from enum import StrEnum

from vivavoce.contracts.fact import Fact


class AccessKind(StrEnum):
    """What gives access."""

    API_KEY = "api_key"
    CANDIDATE_LINK = "candidate_link"
    USER_ROLE = "user_role"
    SESSION = "session"


class AccessChanged(Fact, type="access.changed", key="organization_id"):
    """Emitted when a key, a link or a session has ended or changed, or a user got another role.

    Whoever remembers it forgets it then. `id` is the changed record's, and the account's where all of its
    sessions have ended; nothing in it is secret.
    """

    partitions = 3
    retention = timedelta(days=1)

    organization_id: str
    kind: AccessKind
    id: str
