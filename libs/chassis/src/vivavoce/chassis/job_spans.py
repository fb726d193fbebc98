"""The spans of leased jobs: each run belongs to the trace that its document was stored with."""

from vivavoce.chassis import tracing
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.job import Job
from vivavoce.chassis.tracing import Attributes, Opened


def working(name: str, job: Job, context: Context) -> Opened:
    """The span of one run of a job, from its beginning until what came of it is stored."""
    if not tracing.is_on():
        return tracing.NOTHING
    told: Attributes = {
        "viva.job.id": job.id,
        "viva.job.attempt": job.attempts,
        "viva.correlation_id": context.correlation_id,
        "viva.organization_id": context.organization_id,
    }
    return tracing.span(name, parent=context.traceparent, attributes=told)
