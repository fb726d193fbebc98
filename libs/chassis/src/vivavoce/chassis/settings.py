"""The settings that every process shares; each service adds its own in its `settings.py`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from vivavoce.chassis.prices import Price


def _or_none(value: object) -> object:
    return value or None


OptionalPath = Annotated[Path | None, BeforeValidator(_or_none)]
"""A path that may be left open: a variable that is set to nothing means none, not the current folder."""


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Names, separated by commas."""


class ServiceSettings(BaseSettings):
    """Read from environment variables of the same names in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    service_name: str = Field(default="service", description="Name in logs, events and consumer groups.")
    instance_name: str = Field(
        default="1", description="Tells replicas of one service apart; stable over a restart."
    )
    kafka_bootstrap_servers: str = Field(
        default="127.0.0.1:9092", description="Kafka brokers, comma-separated host:port."
    )
    kafka_idempotence: bool = Field(
        default=False, description="Idempotent producer; the embedded broker doesn't offer it."
    )
    kafka_replication_factor: int = Field(
        default=1, ge=1, description="Copies of each partition, when this process has to create topics."
    )
    kafka_max_message_bytes: int = Field(
        default=1_048_576,
        ge=1,
        description="Largest message that is sent; the broker's message.max.bytes must allow it, and some "
        "hundred bytes more for its frame.",
    )
    kafka_session_timeout: float = Field(
        default=6.0, ge=1, description="Seconds after which the broker takes a silent consumer for dead."
    )
    kafka_static_membership: bool = Field(
        default=False,
        description="Keep the partitions of a restarting replica for it; needs a stable INSTANCE_NAME.",
    )
    kafka_doorbell_folder: OptionalPath = Field(
        default=None,
        description="Folder through which the processes of one machine tell each other that they have sent "
        "something; for a broker that can't keep consumers waiting, as Kafka can: the embedded one.",
    )
    mongodb_uri: SecretStr = Field(
        default=SecretStr("mongodb://127.0.0.1:27017/?directConnection=true"),
        description="The service's own MongoDB; a replica set, for transactions.",
    )
    mongodb_database: str = Field(default="vivavoce", description="Name of the service's own database.")
    store_url: str = Field(
        default="file:///var/lib/vivavoce/store",
        description="Object store shared by the services: file:///path, s3://bucket/prefix or memory:///.",
    )
    store_breaker_failures: int = Field(
        default=5, ge=1, description="Failures in a row after which an s3:// store is left alone."
    )
    store_breaker_rest_seconds: float = Field(
        default=10.0, gt=0, description="For how long an s3:// store is left alone then."
    )
    report_seconds: float = Field(
        default=10.0,
        ge=0.1,
        le=300,
        description="How often a process tells the gateways whether it is ready and how its providers fare.",
    )
    http_host: str = Field(default="127.0.0.1", description="Address that the HTTP shell listens on.")
    http_port: int = Field(default=8000, ge=1, le=65535, description="Port that the HTTP shell listens on.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field(default="json", description="json, or console for people.")
    shutdown_grace: float = Field(
        default=20.0, gt=0, description="Seconds that a stopping process gives to its current work."
    )

    otel_exporter_otlp_endpoint: str = Field(
        default="", description="Base URL of a collector that takes spans by OTLP over HTTP; none by default."
    )
    otel_exporter_otlp_headers: SecretStr = Field(
        default=SecretStr(""), description="Headers for the collector: name=value, with commas between them."
    )
    trace_folder: OptionalPath = Field(
        default=None,
        description="Folder that spans are written to as lines of OTLP's JSON, one file per process; for "
        "machines without a collector. Without a collector and a folder, no spans are recorded.",
    )
    trace_file_bytes: int = Field(
        default=16_000_000, ge=10_000, description="Most bytes of one process's spans in that folder."
    )
    trace_ratio: float = Field(
        default=0.1, ge=0, le=1, description="Share of traces that are recorded, decided where they begin."
    )
    trace_callers: Literal["continue", "link"] = Field(
        default="continue",
        description="What becomes of the traceparent of a caller: its trace is continued, or a new one is "
        "begun that links to it. Whether it is recorded is decided here in either case.",
    )
    model_prices: dict[str, Price] = Field(
        default_factory=dict,
        description='US dollars per million tokens, as JSON: {"MODEL": {"input": 0.5, "output": 0.8}}.',
    )
