"""The settings of bearer tokens: whose are believed, and how their keys are come by."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from vivavoce.chassis.settings import Names, OptionalPath, ServiceSettings
from vivavoce.gateway.auth.addresses import is_loopback

WELL_KNOWN = "/.well-known/jwks.json"
LONGEST_CACHE_SECONDS = 60.0


class TokenSettings(ServiceSettings):
    """The issuer whose key set is a file, and Clerk."""

    token_jwks_file: OptionalPath = Field(
        default=None,
        description="JSON Web Key Set of an issuer of bearer tokens; without it none of its is accepted.",
    )
    token_issuer: str = Field(
        default="https://vivavoce.localhost", description="The `iss` of that issuer's tokens."
    )
    token_audience: str = Field(default="vivavoce", description="The `aud` of that issuer's tokens.")
    token_leeway_seconds: float = Field(
        default=30.0, ge=0, description="How far clocks may differ when a token's times are checked."
    )
    token_max_bytes: int = Field(
        default=8192, ge=256, description="Longer bearer credentials are refused unread."
    )
    token_cache_seconds: float = Field(
        default=LONGEST_CACHE_SECONDS,
        ge=0,
        le=LONGEST_CACHE_SECONDS,
        description="For how long a token that was checked is not checked again.",
    )
    token_cache_size: int = Field(default=10_000, ge=1, description="Checked tokens that are remembered.")

    clerk_issuer: str = Field(
        default="",
        description="The `iss` of Clerk's session tokens: the Frontend API URL of your instance; without it "
        "none is accepted.",
    )
    clerk_jwks_url: str = Field(
        default="", description=f"Clerk's JSON Web Key Set; by default CLERK_ISSUER and {WELL_KNOWN}."
    )
    clerk_audience: str = Field(
        default="", description="The `aud` that Clerk's tokens must have; without it they must have none."
    )
    clerk_authorized_parties: Names = Field(
        default=(),
        description="Origins, comma-separated, of the applications whose tokens are accepted (`azp`); "
        "without any, every application's of the instance.",
    )
    clerk_timeout_seconds: float = Field(
        default=3.0, gt=0, description="How long Clerk may take to answer with its keys."
    )
    clerk_keys_renewed_seconds: float = Field(
        default=300.0, gt=0, description="How old Clerk's keys grow before they are asked for again."
    )
    clerk_keys_kept_seconds: float = Field(
        default=3600.0,
        gt=0,
        description="How old the keys may be while Clerk is away; then its tokens get 503.",
    )
    clerk_keys_between_seconds: float = Field(
        default=10.0,
        gt=0,
        description="The least time between two questions for the keys, whatever tokens come.",
    )
    clerk_keys_unknown_seconds: float = Field(
        default=60.0, ge=0, description="For how long a key that Clerk doesn't have is not asked for again."
    )
    clerk_breaker_failures: int = Field(
        default=3, ge=1, description="Failures in a row after which Clerk is left alone."
    )
    clerk_breaker_rest_seconds: float = Field(
        default=30.0, gt=0, description="For how long Clerk is left alone then."
    )

    @property
    def clerk_key_set(self) -> str:
        """Where Clerk's keys are."""
        return self.clerk_jwks_url or self.clerk_issuer.rstrip("/") + WELL_KNOWN

    @model_validator(mode="after")
    def _clerk_can_be_believed(self) -> Self:
        if not self.clerk_issuer:
            return self
        if self.token_jwks_file is not None and self.clerk_issuer == self.token_issuer:
            raise ValueError("CLERK_ISSUER and TOKEN_ISSUER are the same: the keys of which one count?")
        found = urlsplit(self.clerk_key_set)
        if not (found.scheme == "https" or (found.scheme == "http" and is_loopback(found.hostname or ""))):
            raise ValueError(f"{self.clerk_key_set} must begin with https://, for keys come from there")
        return self
