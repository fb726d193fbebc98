"""The settings of the guards: sizes, times, numbers, and the web pages that may call."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from vivavoce.chassis.settings import Names

ANY_ORIGIN = "*"


class GuardSettings(BaseSettings):
    """Part of the gateway's settings."""

    max_body_bytes: int = Field(default=1_000_000, ge=1, description="Larger request bodies get 413.")
    max_upload_bytes: int = Field(
        default=10_000_000, ge=1, description="The same where files are uploaded, as those of resumes."
    )
    max_json_depth: int = Field(
        default=32, ge=1, description="Levels of arrays and objects in a JSON body; more get 400."
    )
    max_url_bytes: int = Field(default=8_000, ge=100, description="A longer path with its query gets 414.")
    max_header_bytes: int = Field(
        default=32_000, ge=1_000, description="More bytes in a request's header fields get 431."
    )
    max_headers: int = Field(default=100, ge=10, description="More header fields in a request get 431.")
    head_seconds: float = Field(
        default=10.0, gt=0, description="A request's head that takes longer to arrive gets 408."
    )
    body_seconds: float = Field(
        default=60.0, gt=0, description="A request's body that takes longer to arrive gets 408."
    )
    unread_seconds: float = Field(
        default=30.0, gt=0, description="Who reads nothing of an answer for so long is disconnected."
    )
    request_seconds: float = Field(
        default=30.0,
        gt=0,
        description="Work on a request that takes longer is cancelled and gets 503; streams may go on.",
    )
    max_requests: int = Field(
        default=500, ge=1, description="Requests worked on at once, without open streams; more get 503."
    )
    cors_origins: Names = Field(
        default=(),
        description="Origins, comma-separated, of web pages that may call the API; `*` for any, then "
        "without cookies.",
    )
    session_cookie: bool = Field(
        default=False,
        description="Accept the identity provider's `__session` cookie from pages of this site and of "
        "`cors_origins`; unsafe methods then need `X-CSRF-Token`. Needs `signing_secret`.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if ANY_ORIGIN in value and len(value) > 1:
            raise ValueError("give either * or origins")
        for origin in value:
            scheme, separator, host = origin.partition("://")
            if origin != ANY_ORIGIN and not (scheme and separator and host and "/" not in host):
                raise ValueError(f"give a scheme, a host and perhaps a port, without a path: {origin}")
        return value

    @property
    def page_origins(self) -> frozenset[str]:
        """The origins that may come with cookies: those that are named."""
        return frozenset(self.cors_origins) - {ANY_ORIGIN}
