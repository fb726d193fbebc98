"""What people and programs did, as every service tells it to the audit log."""

from enum import StrEnum

from vivavoce.contracts.fact import Fact, Value


class AuditAction(StrEnum):
    """Everything that an audit entry may tell of: a kind of object, a dot, and what was done to it.

    Those of `security` tell of attempts that were refused. Their object is what was attempted: a door, the
    session of a token, or the account of a password; where there is none, a name that tells nothing.
    """

    INTERVIEW_SUBMIT = "interview.submit"
    SCORE_OVERRIDE = "score.override"
    API_KEY_CREATE = "api_key.create"
    API_KEY_RENAME = "api_key.rename"
    API_KEY_REVOKE = "api_key.revoke"
    CANDIDATE_LINK_CREATE = "candidate_link.create"
    CANDIDATE_LINK_REVOKE = "candidate_link.revoke"
    USER_ROLE_ASSIGN = "user_role.assign"
    ACCOUNT_REGISTER = "account.register"
    ACCOUNT_SIGN_OUT_EVERYWHERE = "account.sign_out_everywhere"
    ACCOUNT_CHANGE_LOGIN = "account.change_password"
    SESSION_CREATE = "session.create"
    SESSION_END = "session.end"
    PORTAL_LINK_CREATE = "portal_link.create"
    WEBHOOK_CREATE = "webhook.create"
    WEBHOOK_CHANGE = "webhook.change"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_ENABLE = "webhook.enable"
    WEBHOOK_DISABLE = "webhook.disable"
    WEBHOOK_VERIFY = "webhook.verify"
    WEBHOOK_ROTATE = "webhook.rotate"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_REPLAY = "webhook.replay"
    WEBHOOK_DELIVERY_REPLAY = "webhook_delivery.replay"
    WEBHOOK_SETTINGS_CHANGE = "webhook_settings.change"
    READ_MODEL_REPLAY = "read_model.replay"
    AUDIT_SEAL = "audit.seal"
    SECURITY_PERMISSION_DENIED = "security.permission_denied"
    SECURITY_REVOKED_KEY_USED = "security.revoked_key_used"
    SECURITY_REFRESH_REUSED = "security.refresh_reused"
    SECURITY_SIGN_IN_FAILED = "security.sign_in_failed"

    @property
    def object_kind(self) -> str:
        """What kind of object the action is done to."""
        return self.value.partition(".")[0]


class Actor(Value):
    """Who acts: `kind` says what the id is of, such as `user`, `api_key`, `portal` or `operator`.

    `origin` is the network that they act from, never a whole address.
    """

    id: str
    kind: str
    role: str | None = None
    origin: str | None = None


NOBODY_KNOWN = Actor(id="unknown", kind="unknown")
"""Who acts where whoever asked didn't say."""


class AuditRecorded(Fact, type="audit.recorded", key="object_id"):
    """Emitted when a service other than the gateway did what a person or a program told it to.

    For the audit log alone. `before` and `after` are keyed digests of the object's stored form; one that
    didn't exist then has none.
    """

    partitions = 3

    action: AuditAction
    object_id: str
    actor: Actor
    before: str | None = None
    after: str | None = None
