"""Recordings: what was asked for, fetched, and refused."""

from enum import StrEnum

from pydantic import Field

from vivavoce.contracts.fact import Fact, Value

RECORDING_PARTITIONS = 12


class ClaimCheck(Value):
    """Where something large lies: `key` is relative to the shared object store."""

    key: str
    size: int = Field(ge=0, description="bytes")
    sha256: str = Field(description="64 hexadecimal digits of the content")
    media_type: str


class Probe(Value):
    """What the container and a first decoded frame say about a recording.

    Width and height are those of the upright picture, after `rotation` (degrees clockwise, one of
    0, 90, 180, 270) is applied. `frame_rate` is the average; presentation times rule.
    """

    duration: float = Field(ge=0, description="seconds")
    container: str
    video_codec: str | None = None
    width: int | None = None
    height: int | None = None
    rotation: int = 0
    frame_rate: float | None = None
    audio_codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None


class RejectionReason(StrEnum):
    """Why a recording can't be used, or why its analysis gave up."""

    UNSUPPORTED_SCHEME = "unsupported_scheme"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNRESOLVABLE_HOST = "unresolvable_host"
    UNREACHABLE = "unreachable"
    NOT_FOUND = "not_found"
    ACCESS_DENIED = "access_denied"
    SERVER_ERROR = "server_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    DOWNLOAD_TIMEOUT = "download_timeout"
    DOWNLOAD_TOO_LARGE = "download_too_large"
    EMPTY_FILE = "empty_file"
    TRUNCATED = "truncated"
    NOT_MEDIA = "not_media"
    STILL_PICTURE = "still_picture"
    TOO_LONG = "too_long"
    RESOLUTION_TOO_HIGH = "resolution_too_high"
    ANALYSIS_FAILED = "analysis_failed"
    TIMEOUT = "timeout"


class RecordingRequested(Fact, type="recording.requested", key="answer_id"):
    """Emitted when an answer's recording is to be fetched. Only media may see the address."""

    partitions = RECORDING_PARTITIONS

    interview_id: str
    answer_id: str
    url: str


class RecordingIngested(Fact, type="recording.ingested", key="answer_id"):
    """Emitted when an answer's recording has been fetched, checked and stored."""

    partitions = RECORDING_PARTITIONS

    interview_id: str
    answer_id: str
    recording: ClaimCheck
    probe: Probe


class RecordingRejected(Fact, type="recording.rejected"):
    """Emitted when an answer's recording can't be used, or its analysis gave up."""

    interview_id: str
    answer_id: str
    reason: RejectionReason
    detail: str
