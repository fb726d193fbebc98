"""Tells organizations, as facts that webhooks can ask for, what becomes of their endpoints."""

from datetime import datetime

from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    DisabledReason,
    WebhookDisabled,
    WebhookExhausted,
    WebhookFailing,
    WebhookRecovered,
)
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.endpoints import Endpoint, Follower, Standing
from vivavoce.notifier.messages import OPERATIONAL_TYPES


class News:
    """Emits operational facts with a commit; none about the followers of jobs, whom nobody registered."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def disabled(self, endpoint: Endpoint, standing: Standing, reason: DisabledReason, now: datetime) -> None:
        """The endpoint gets nothing any more."""
        if isinstance(endpoint, Follower):
            return
        self._uow.emit(
            WebhookDisabled(
                endpoint_id=endpoint.id,
                url=endpoint.url,
                reason=reason,
                detail=standing.last_error or "",
                failing_since=standing.failing_since,
                disabled_at=now,
            )
        )

    def failing(self, endpoint: Endpoint, standing: Standing, now: datetime) -> None:
        """Attempts at the endpoint pause."""
        if isinstance(endpoint, Follower):
            return
        self._uow.emit(
            WebhookFailing(
                endpoint_id=endpoint.id,
                url=endpoint.url,
                detail=standing.last_error or "",
                failing_since=standing.failing_since or now,
                resumes_at=standing.shut_until or now,
            )
        )

    def recovered(self, endpoint: Endpoint, before: Standing, now: datetime) -> None:
        """A paused endpoint has accepted something."""
        if isinstance(endpoint, Follower):
            return
        self._uow.emit(
            WebhookRecovered(
                endpoint_id=endpoint.id,
                url=endpoint.url,
                failing_since=before.failing_since or now,
                recovered_at=now,
            )
        )

    def exhausted(self, endpoint: Endpoint, delivery: Delivery) -> None:
        """A delivery was given up; not told of what was itself such news, for that could have no end."""
        if isinstance(endpoint, Follower) or delivery.event_type in OPERATIONAL_TYPES:
            return
        self._uow.emit(
            WebhookExhausted(
                endpoint_id=endpoint.id,
                url=endpoint.url,
                delivery_id=delivery.id,
                event_id=delivery.event_id,
                event_type=delivery.event_type,
                attempts=delivery.sent,
                detail=delivery.last_error or "",
                ended_at=delivery.updated_at,
            )
        )
