"""Errands: what concerns many deliveries of an endpoint, done a page at a time so that there is no limit."""

from datetime import datetime, timedelta
from enum import StrEnum

from vivavoce.chassis.jobs import Job
from vivavoce.contracts import ids
from vivavoce.notifier.deliveries import moment_in_order
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.messages import Message

KEPT = timedelta(days=30)
PAGE = 200
"""Documents that one transaction deals with."""


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
    was let go so far. A release may let go what is scheduled, too (`ahead_of_schedule`). `looked_again` says
    that the second look is under way, for what was being stored during the first.
    """

    kind: ErrandKind
    endpoint_id: str = ""
    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    missing_only: bool = False
    ahead_of_schedule: bool = False
    after: str | None = None
    queued: int = 0
    looked_again: bool = False
    created_at: datetime
    expires_at: datetime


def fan_out_of(message: Message, after: str, now: datetime) -> Errand:
    """Deliveries of a message for the endpoints whose ids come behind `after`."""
    return Errand(
        id=ids.derived_id(message.id, ErrandKind.FAN_OUT),
        organization_id=message.organization_id,
        kind=ErrandKind.FAN_OUT,
        event_id=message.id,
        after=after,
        due_at=now,
        created_at=now,
        expires_at=now + KEPT,
    )


def probe_of(endpoint: Endpoint, at: datetime, now: datetime) -> Errand:
    """A trial of a paused endpoint; saved again it takes the place of the one before."""
    return _of(endpoint, ErrandKind.PROBE, at, now)


def release_of(endpoint: Endpoint, at: datetime, now: datetime, *, ahead_of_schedule: bool = False) -> Errand:
    """Letting go what waits for an endpoint; saved again it takes the place of the one before.

    When the endpoint is back after a failure, what failed meanwhile goes `ahead_of_schedule` as well.
    """
    release = _of(endpoint, ErrandKind.RELEASE, at, now)
    return release.model_copy(update={"ahead_of_schedule": ahead_of_schedule})


def cancel_of(endpoint: Endpoint, now: datetime) -> Errand:
    """Giving up what is under way to an endpoint that has been deleted."""
    return _of(endpoint, ErrandKind.CANCEL, now, now)


def replay_of(
    endpoint: Endpoint,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    missing_only: bool,
) -> Errand:
    """Sending again what happened from `since` until before `until`."""
    return Errand(
        id=ids.new_id(),
        organization_id=endpoint.organization_id,
        kind=ErrandKind.REPLAY,
        endpoint_id=endpoint.id,
        since=since,
        until=until,
        after=moment_in_order(since),
        missing_only=missing_only,
        due_at=now,
        created_at=now,
        expires_at=now + KEPT,
    )


def _of(endpoint: Endpoint, kind: ErrandKind, at: datetime, now: datetime) -> Errand:
    return Errand(
        id=ids.derived_id(endpoint.id, kind),
        organization_id=endpoint.organization_id,
        kind=kind,
        endpoint_id=endpoint.id,
        due_at=at,
        created_at=now,
        expires_at=at + KEPT,
    )
