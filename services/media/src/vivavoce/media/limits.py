"""What an operator may turn about fetching and checking recordings; every value has its unit."""

from math import ceil

from pydantic import BaseModel, ConfigDict, Field

BLOCK_SIDE = 128
"""Pixels to which decoders round a picture's sides up, at most."""
LEAST_PIXELS = 65_536
"""Some decoders make a helping picture of about this size however small theirs is."""


class FetchLimits(BaseModel):
    """How patient a download is, and how large it may become. Times are seconds."""

    model_config = ConfigDict(frozen=True)

    allow_loopback_fetch: bool = Field(
        default=False, description="Whether recordings may be fetched from this machine's own addresses."
    )
    allowed_fetch_networks: tuple[str, ...] = Field(
        default=(), description="JSON list of networks (CIDR) that may be fetched from though not public."
    )
    fetch_connect_timeout: float = Field(default=10.0, gt=0, description="Seconds to reach a server.")
    fetch_idle_timeout: float = Field(
        default=20.0, gt=0, description="Seconds without a byte after which a transfer counts as broken."
    )
    fetch_total_timeout: float = Field(
        default=1800.0, gt=0, description="Seconds that one try may take, with everything."
    )
    fetch_pace_window: float = Field(
        default=30.0, gt=0, description="Seconds over which a transfer's pace is measured."
    )
    fetch_minimum_rate: float = Field(
        default=16_384.0, ge=0, description="Bytes per second below which a transfer is given up."
    )
    fetch_max_bytes: int = Field(
        default=4 * 1024**3, gt=0, description="Bytes that a recording may have, counted as they come."
    )
    fetch_max_redirects: int = Field(default=5, ge=0, description="Redirects that are followed.")
    fetch_resumes: int = Field(
        default=8, ge=0, description="How often one try goes on where a broken transfer stopped."
    )
    fetch_resume_delay: float = Field(
        default=0.5, ge=0, description="Seconds before the first of them; doubles each time."
    )


class RetryLimits(BaseModel):
    """How often a fetch is tried again. Times are seconds."""

    model_config = ConfigDict(frozen=True)

    fetch_tries: int = Field(default=6, ge=1, description="Tries before a recording is rejected.")
    fetch_first_delay: float = Field(
        default=2.0, ge=0, description="Seconds before the second try; doubles each time."
    )
    fetch_longest_delay: float = Field(default=120.0, ge=0, description="Seconds between two tries at most.")
    fetch_patience: float = Field(
        default=900.0, gt=0, description="Seconds after the request from when on no further try is begun."
    )


class ProbeLimits(BaseModel):
    """What a recording may be."""

    model_config = ConfigDict(frozen=True)

    max_duration: float = Field(default=3600.0, gt=0, description="Seconds that a recording may last.")
    max_long_side: int = Field(
        default=4096, gt=0, description="Pixels of the picture's longer side; 4096 is cinema 4K."
    )
    max_short_side: int = Field(default=2304, gt=0, description="Pixels of the picture's shorter side.")
    max_frame_rate: float = Field(
        default=120.0, gt=0, description="Pictures per second over the longest duration allowed."
    )
    probe_timeout: float = Field(
        default=120.0, gt=0, description="Seconds that checking a file may take before it ends as timeout."
    )

    @property
    def max_pixels(self) -> int:
        """Pixels up to which a decoder makes pictures, in every frame: the sides in whole blocks of it."""
        long_side, short_side = (
            ceil(side / BLOCK_SIDE) * BLOCK_SIDE for side in (self.max_long_side, self.max_short_side)
        )
        return max(long_side * short_side, LEAST_PIXELS)


class AnalysisLimits(BaseModel):
    """How many analyses run at once, and how long one may take."""

    model_config = ConfigDict(frozen=True)

    analysis_concurrency: int = Field(
        default=1, ge=1, description="Recordings that are analysed at once; each takes about two processors."
    )
    analysis_base_timeout: float = Field(
        default=120.0,
        gt=0,
        description="Seconds that any analysis may take, for starting and loading models.",
    )
    analysis_timeout_share: float = Field(
        default=1.5, ge=0, description="Further seconds that it may take per second of the recording."
    )

    def time_for(self, duration: float) -> float:
        """Seconds that the analysis of a recording of `duration` seconds may take."""
        return self.analysis_base_timeout + self.analysis_timeout_share * duration
