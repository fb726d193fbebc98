"""The steps of a job as documents, and as whoever follows the job is told of them."""

import json
from datetime import datetime

from vivavoce.chassis.documents import Document
from vivavoce.contracts import JobStatus, Value


class Notice(Value):
    """One step of a job; `sequence` counts from 0 within the job."""

    event_id: str
    sequence: int
    status: JobStatus
    message: str
    at: datetime


class JobNotices(Document):
    """What is known of a job; its id is the job's. Steps and address may come in either order."""

    url: str | None = None
    notices: tuple[Notice, ...] = ()
    expires_at: datetime


def body_of(job_id: str, notice: Notice) -> str:
    """The JSON that a follower receives."""
    timestamp = notice.at.isoformat().replace("+00:00", "Z")
    fields = {"job_id": job_id, "status": notice.status, "message": notice.message, "timestamp": timestamp}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
