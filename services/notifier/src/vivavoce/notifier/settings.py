"""The notifier's settings."""

from pydantic import Field, SecretStr

from vivavoce.chassis.settings import ServiceSettings

STANDARD_RETRY_DELAYS = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)


class NotifierSettings(ServiceSettings):
    """How webhooks are registered, signed, sent and tried again."""

    service_name: str = Field(default="notifier", description="Name in logs, events and consumer groups.")
    mongodb_database: str = Field(default="viva_notifier", description="Name of the service's own database.")
    notifier_private_key: SecretStr = Field(
        default=SecretStr(""),
        description="Base64 X25519 private key that webhook secrets are sealed to, on the way and at rest.",
    )
    allow_loopback_webhooks: bool = Field(
        default=False, description="Allow endpoints on loopback addresses; for development."
    )
    webhook_retry_delays: tuple[int, ...] = Field(
        default=STANDARD_RETRY_DELAYS,
        description="Seconds before each further try; a delivery fails after the last.",
    )
    webhook_retry_jitter: float = Field(
        default=0.2, ge=0, lt=1, description="Random share by which a delay is lengthened or shortened."
    )
    webhook_connect_timeout: float = Field(
        default=5.0, gt=0, description="Seconds to connect to an endpoint."
    )
    webhook_timeout: float = Field(default=20.0, gt=0, description="Seconds for one whole attempt.")
    webhook_concurrency: int = Field(default=32, ge=1, description="Attempts under way at once.")
    webhook_concurrency_per_endpoint: int = Field(
        default=4, ge=1, description="Attempts under way at once to one endpoint."
    )
    webhook_lease: float = Field(
        default=30.0, gt=0, description="Seconds after which a dead sender's delivery is taken over."
    )
    webhook_endpoints_per_organization: int = Field(
        default=100, ge=1, description="Endpoints that one organization may register."
    )
