"""Jobs that a caller follows by a `notification_url`: who wants to hear of one, and how it goes."""

from datetime import datetime
from enum import StrEnum

from vivavoce.contracts.fact import Fact


class JobStatus(StrEnum):
    """Where a job stands; the last two are ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class JobFollowed(Fact, type="job.followed", key="job_id"):
    """Emitted when a caller wants to be told of a job at an address; for the notifier alone."""

    partitions = 3

    job_id: str
    notification_url: str


class JobProgressed(Fact, type="job.progressed", key="job_id"):
    """Emitted when a job has begun, come further, or ended; `sequence` counts from 0 within the job."""

    partitions = 3

    job_id: str
    sequence: int
    status: JobStatus
    message: str
    at: datetime
