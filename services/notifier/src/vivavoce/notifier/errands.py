"""Errands: what concerns many deliveries of an endpoint, done a page at a time so that there is no limit."""

from datetime import datetime
from enum import StrEnum

from vivavoce.chassis.jobs import Job


class ErrandKind(StrEnum):
    """What is to be done.

    `fan_out`: make deliveries of one message for further endpoints. `probe`: let one waiting delivery try a
    paused endpoint. `release`: let all go that wait for the endpoint. `replay`: send again what happened in
    a time. `cancel`: give up what waits for a deleted endpoint.
    """

    FAN_OUT = "fan_out"
    PROBE = "probe"
    RELEASE = "release"
    REPLAY = "replay"
    CANCEL = "cancel"


class Errand(Job):
    """One errand; `due_at` is None once it has ended.

    `endpoint_id` is empty for `fan_out`, whose message is `event_id`. A replay covers facts that happened
    from `since` until before `until`; `after` is the place where the next page begins, `queued` counts what
    was let go so far.
    """

    kind: ErrandKind
    endpoint_id: str = ""
    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    missing_only: bool = False
    after: str | None = None
    queued: int = 0
    created_at: datetime
    expires_at: datetime
