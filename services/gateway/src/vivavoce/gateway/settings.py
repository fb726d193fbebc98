"""The gateway's settings, each with its meaning."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from vivavoce.chassis.settings import Names
from vivavoce.gateway.accounts.settings import AccountSettings
from vivavoce.gateway.auth.settings import TokenSettings
from vivavoce.gateway.graphql_http.settings import GraphqlHttpSettings
from vivavoce.gateway.guards.settings import GuardSettings
from vivavoce.gateway.idempotency.settings import IdempotencySettings
from vivavoce.gateway.interviews.rules import Waits
from vivavoce.gateway.limits.settings import LimitSettings

SHORTEST_SECRET = 32


class GatewaySettings(
    AccountSettings, GuardSettings, IdempotencySettings, LimitSettings, TokenSettings, GraphqlHttpSettings
):
    """Read from environment variables of the same names in capitals."""

    service_name: str = Field(default="gateway", description="Name in logs, events and consumer groups.")
    mongodb_database: str = Field(default="viva_gateway", description="Name of the service's own database.")

    open_to_loopback: bool = Field(
        default=False,
        description="Callers on this machine without credentials act as an admin of `loopback_organization`.",
    )
    loopback_organization: str = Field(
        default="org_local", description="The organization of callers on this machine."
    )
    attested_consent_organizations: Names = Field(
        default=(),
        description="Organizations, comma-separated, that have attested the candidates' consent for every "
        "interview; others attest it in each submission.",
    )
    notifier_public_key: str = Field(
        default="", description="Base64 X25519 key that webhook secrets are sealed to."
    )
    signing_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What the keys for the gateway's own links and tokens are derived from, at least 32 "
        "characters; without it there are none: nobody signs in with a password, the webhook portal is off.",
    )
    public_base_url: str = Field(
        default="",
        description="Where callers reach the gateway, for links to it; without it, what their requests say.",
    )
    portal_poll_seconds: float = Field(
        default=2.0, gt=0, description="How often a stream of deliveries asks the notifier what changed."
    )
    webhook_streams: int = Field(
        default=20, ge=1, description="Streams of deliveries that one organization may have open here."
    )
    signing_keys_seconds: float = Field(
        default=10.0, ge=0, description="For how long an endpoint's public signing keys are remembered."
    )

    watched_services: Names = Field(
        default=("media", "proctoring", "evaluation", "notifier"),
        description="Services behind the gateway, comma-separated, whose silence `/health` reports; what "
        "others report of themselves is passed over.",
    )

    access_seconds: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="For how long a key, a link, a role or a session that was looked up is believed without "
        "another look: the longest that a revocation takes while the broker is away.",
    )
    access_write_seconds: float = Field(
        default=5.0, gt=0, description="How often it is written down who came, and which keys were used."
    )
    api_key_longest_days: int = Field(
        default=366, ge=1, description="How far ahead an API key's expiry may be."
    )

    max_questions: int = Field(default=200, ge=1, description="Questions of one interview; more get 400.")
    ask_seconds: float = Field(
        default=5.0, gt=0, description="How long a caller waits for another service's answer, then 503."
    )
    result_retry_seconds: int = Field(
        default=30, ge=1, description="Retry-After of a result that isn't ready."
    )
    result_settle_seconds: float = Field(
        default=5.0,
        ge=0,
        description="How long after an interview's end a result waits when nothing more is expected for it.",
    )
    result_longest_wait_seconds: float = Field(
        default=1_800.0,
        ge=0,
        description="How long after an interview's end a result waits for facts that must still come.",
    )
    stream_poll_seconds: float = Field(
        default=15.0,
        gt=0,
        le=60,
        description="How often an event stream looks for stored facts that no message told it of.",
    )
    stream_ping_seconds: float = Field(
        default=15.0, gt=0, description="How often a quiet event stream sends a comment."
    )

    sweep_every_seconds: float = Field(
        default=15.0, gt=0, description="How often the sweeper looks for overdue interviews."
    )
    sweep_first_seconds: float = Field(
        default=300.0, gt=0, description="After this long without an end an interview is asked for again."
    )
    sweep_growth: float = Field(
        default=2.0, ge=1, description="By how much each wait before asking again is longer than the last."
    )
    sweep_limit: int = Field(
        default=6,
        ge=0,
        description="How often an interview is asked for again; one wait later it ends as failed if "
        "evaluation never said anything about it.",
    )

    graphql_max_depth: int = Field(default=12, ge=1, description="Levels of selection in a GraphQL query.")
    graphql_max_tokens: int = Field(default=2000, ge=1, description="Tokens in a GraphQL document.")
    graphql_max_aliases: int = Field(default=20, ge=0, description="Aliases in a GraphQL document.")
    graphql_max_directives: int = Field(default=50, ge=0, description="Directives in a GraphQL document.")
    graphql_max_fields: int = Field(default=500, ge=1, description="Fields written in a GraphQL document.")
    graphql_max_cost: int = Field(
        default=50_000,
        ge=1,
        description="Points a GraphQL query may cost: its fields, times the items of the lists above.",
    )
    graphql_introspection: Literal["always", "development", "never"] = Field(
        default="development", description="When the GraphQL schema may be asked for itself."
    )
    analytics_max_days: int = Field(
        default=366, ge=1, le=3_660, description="Days that one question for analytics may span."
    )

    @field_validator("signing_secret")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"give at least {SHORTEST_SECRET} random characters, or none")
        return value

    @model_validator(mode="after")
    def _outlives_its_request(self) -> Self:
        if self.idempotency_lease_seconds <= self.request_seconds:
            raise ValueError("idempotency_lease_seconds must be more than request_seconds")
        return self

    @property
    def access_life(self) -> timedelta:
        """For how long what was looked up about a credential is believed."""
        return timedelta(seconds=self.access_seconds)

    @property
    def graphql_introspectable(self) -> bool:
        """Whether the GraphQL schema may be asked for itself."""
        return self.graphql_introspection in ("always", self.environment)

    @property
    def result_waits(self) -> Waits:
        """How long a result is waited for once its interview has ended."""
        return Waits(
            settle=timedelta(seconds=self.result_settle_seconds),
            longest=timedelta(seconds=self.result_longest_wait_seconds),
        )

    def sweep_wait(self, sweeps: int) -> timedelta:
        """How long to wait after the given number of sweeps before the next look."""
        return timedelta(seconds=self.sweep_first_seconds * self.sweep_growth**sweeps)
