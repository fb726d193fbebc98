"""The notifier's settings."""

from typing import Literal

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
    webhook_concurrency: int = Field(default=64, ge=1, description="Attempts under way at once.")
    webhook_concurrency_per_endpoint: int = Field(
        default=8,
        ge=1,
        description="Attempts under way at once to one endpoint, from each process; endpoints may choose.",
    )
    webhook_lease: float = Field(
        default=30.0, gt=0, description="Seconds after which a dead sender's delivery is taken over."
    )
    webhook_ownership: Literal["required", "off"] = Field(
        default="required",
        description="Whether an endpoint gets nothing until it has agreed: by the CloudEvents handshake for "
        "webhooks (OPTIONS), or by answering a signed challenge.",
    )
    webhook_origin: str = Field(
        default="vivavoce", description="The WebHook-Request-Origin under which endpoints are asked to agree."
    )
    webhook_endpoints_per_organization: int = Field(
        default=100, ge=1, description="Endpoints that one organization may register."
    )
    webhook_max_body_bytes: int = Field(
        default=262_144,
        ge=1024,
        description="Bytes of a body; a larger one is sent thin, with the names of what was left out.",
    )
    webhook_response_kept: int = Field(
        default=4096, ge=0, description="Bytes of an endpoint's answer that the log keeps."
    )
    webhook_order_settle: float = Field(
        default=1.0,
        ge=0,
        description="Seconds that an ordered delivery waits for earlier ones of its key.",
    )
    webhook_breaker_failures: int = Field(
        default=5, ge=1, description="Failed attempts in a row after which an endpoint is paused."
    )
    webhook_pause: float = Field(
        default=30.0, gt=0, description="Seconds of an endpoint's first pause; each further one doubles."
    )
    webhook_longest_pause: float = Field(
        default=600.0, gt=0, description="Seconds of the longest pause between trials of an endpoint."
    )
    webhook_throttle: float = Field(
        default=30.0, gt=0, description="Seconds without attempts after a 429 that names no time."
    )
    webhook_disable_after: float = Field(
        default=432_000.0, gt=0, description="Seconds of failures alone after which an endpoint is disabled."
    )
    webhook_retention_days: int = Field(
        default=30,
        ge=5,
        le=90,
        description="Days that messages, deliveries and attempts are kept; organizations may choose.",
    )
    webhook_traceparent: bool = Field(
        default=False,
        description="Send the attempt's traceparent to endpoints, for subscribers who share a trace store.",
    )
