"""The settings of the limits, each in the notation of the `limits` library, such as `600/minute`."""

import ipaddress
from typing import Annotated

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode


def _one_rate(value: str) -> str:
    rates = parse_many(value)
    if len(rates) != 1 or rates[0].amount < 1:
        raise ValueError("give one rate of at least 1, such as 600/minute")
    return value


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())


Rate = Annotated[str, AfterValidator(_one_rate)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class LimitSettings(BaseSettings):
    """Part of the gateway's settings."""

    limit_general: Rate = Field(
        default="600/minute", description="Requests of one caller that no other limit names."
    )
    limit_ai: Rate = Field(
        default="60/minute", description="Requests of one caller to what asks a language or speech model."
    )
    limit_upload: Rate = Field(default="20/minute", description="Requests of one caller to what takes files.")
    limit_graphql: Rate = Field(
        default="20000/minute", description="Points of query complexity of one caller's GraphQL operations."
    )
    limit_v1_interviews: Rate = Field(
        default="10/minute", description="Requests of one caller under /api/v1/interviews."
    )
    limit_v1_sandbox: Rate = Field(
        default="20/minute", description="Requests of one caller to /api/v1/sandbox/execute."
    )
    limit_v1_tts: Rate = Field(
        default="30/minute", description="Requests of one caller to /api/v1/voice/tts."
    )
    limit_v1_auth: Rate = Field(
        default="20/minute", description="Requests from one address that bring a password or a refresh token."
    )
    limit_address: Rate = Field(
        default="3000/minute",
        description="Requests from one address (IPv6: one /64), before anyone is authenticated.",
    )
    limit_scale: int = Field(
        default=1, ge=1, description="Multiplies every limit: for machines that test or measure the gateway."
    )
    limit_trusted_proxies: Networks = Field(
        default=(),
        description="Addresses or networks, comma-separated, of proxies whose X-Forwarded-For says where a "
        "request comes from. For limits and for waits after wrong passwords only.",
    )
