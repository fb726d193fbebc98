"""The settings of the media service."""

from enum import StrEnum

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from vivavoce.chassis.settings import ServiceSettings
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.limits import AnalysisLimits, FetchLimits, ProbeLimits, RetryLimits


class Source(StrEnum):
    """Where recordings come from: the network, or a script that makes them up."""

    HTTP = "http"
    SCRIPTED = "scripted"


class Measure(StrEnum):
    """What measures recordings: the models, a script that makes the values up, or the models now and then."""

    MODELS = "models"
    SCRIPTED = "scripted"
    SPARING = "sparing"


class MediaSettings(FetchLimits, RetryLimits, ProbeLimits, AnalysisLimits, ServiceSettings):
    """How recordings are fetched, checked and measured.

    A setting inside of `analysis` is named with two underscores, such as ANALYSIS__FACE_RATE.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_nested_delimiter="__")

    service_name: str = Field(default="media", description="Name in logs, events and consumer groups.")
    mongodb_database: str = Field(default="viva_media", description="Name of the service's own database.")
    media_source: Source = Field(
        default=Source.HTTP, description="http, or scripted for trying the pipeline."
    )
    media_analyzer: Measure = Field(
        default=Measure.MODELS,
        description="models; scripted for trying the pipeline; or sparing: models for short recordings only.",
    )
    sparing_seconds: float = Field(
        default=8.0, gt=0, description="Seconds up to which a sparing analysis takes a recording for short."
    )
    scripted_analysis_seconds: float = Field(
        default=0.0, ge=0, description="Seconds that a scripted analysis takes, doing nothing meanwhile."
    )
    fetch_concurrency: int = Field(default=4, ge=1, description="Recordings that are fetched at once.")
    fetch_concurrency_per_organization: int = Field(
        default=2, ge=1, description="Of these, at most so many of one organization."
    )
    fetch_poll: float = Field(
        default=0.25, gt=0, description="Seconds between two looks for recordings that are to be fetched."
    )
    work_folder: str = Field(
        default="", description="Folder for recordings in work; empty takes the system's temporary folder."
    )
    analysis: AnalysisSettings = Field(
        default_factory=AnalysisSettings, description="How recordings are measured."
    )
