"""The settings of accounts: how passwords are kept, how long sessions last, how guessing is slowed."""

from datetime import timedelta

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

DAY = 86_400.0
MEMORY_PER_LANE = 8


class AccountSettings(BaseSettings):
    """A part of the gateway's settings."""

    registration_organization: str = Field(
        default="",
        description="The organization that people who register join, as candidates, and sign in to. Without "
        "it nobody can register, and an e-mail signs in to the oldest account that has it.",
    )
    access_token_seconds: int = Field(
        default=900, ge=1, le=3_600, description="How long an access token of /api/v1/auth holds."
    )
    session_idle_seconds: float = Field(
        default=7 * DAY, gt=0, description="How long a session lasts in which nothing is refreshed."
    )
    session_longest_seconds: float = Field(
        default=30 * DAY, gt=0, description="How long a session lasts at the most."
    )
    refresh_grace_seconds: float = Field(
        default=10.0,
        ge=0,
        le=60,
        description="For how long the same address may use a refresh token again whose answer got lost.",
    )

    password_memory_kib: int = Field(
        default=19_456, ge=MEMORY_PER_LANE, description="Memory of one Argon2id hash, in KiB."
    )
    password_passes: int = Field(default=2, ge=1, description="Passes of Argon2id over that memory.")
    password_lanes: int = Field(default=1, ge=1, description="Lanes of Argon2id.")
    password_hashes_at_once: int = Field(
        default=2, ge=1, description="Passwords that one process hashes at the same time."
    )
    password_hashes_waiting: int = Field(
        default=20, ge=0, description="Passwords that may wait for that; more get 503."
    )

    sign_in_free_failures: int = Field(
        default=5, ge=1, description="Wrong passwords for one e-mail from one network before any wait."
    )
    sign_in_free_failures_of_address: int = Field(
        default=30, ge=1, description="Wrong passwords for all e-mails from one address before any wait."
    )
    sign_in_first_wait_seconds: float = Field(
        default=1.0, gt=0, description="The first wait after too many of them; each further one is doubled."
    )
    sign_in_longest_wait_seconds: float = Field(default=900.0, gt=0, description="The longest such wait.")
    sign_in_forget_seconds: float = Field(
        default=DAY, gt=0, description="After this long without a wrong password they are forgotten."
    )
    known_address_seconds: float = Field(
        default=90 * DAY,
        ge=0,
        description="For how long an address that has signed in to an account keeps tries of its own.",
    )

    @model_validator(mode="after")
    def _enough_memory(self) -> "AccountSettings":
        if self.password_memory_kib < MEMORY_PER_LANE * self.password_lanes:
            raise ValueError(
                f"give PASSWORD_MEMORY_KIB at least {MEMORY_PER_LANE} for each of PASSWORD_LANES"
            )
        return self

    @property
    def known_address(self) -> timedelta:
        """For how long an address that has signed in is known."""
        return timedelta(seconds=self.known_address_seconds)
