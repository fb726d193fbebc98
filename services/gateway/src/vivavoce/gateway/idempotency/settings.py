"""The settings of idempotency."""

from pydantic import Field
from pydantic_settings import BaseSettings


class IdempotencySettings(BaseSettings):
    """Part of the gateway's settings."""

    idempotency_kept_hours: float = Field(
        default=24.0, gt=0, description="For how long an answer is kept for repeats of its Idempotency-Key."
    )
    idempotency_lease_seconds: float = Field(
        default=60.0,
        gt=0,
        description="After so long a request with an Idempotency-Key counts as lost, and a repeat runs; more "
        "than `request_seconds`.",
    )
