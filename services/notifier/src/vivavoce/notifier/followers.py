"""Tells whoever gave a job a notification address how the job goes."""

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import JobFollowed, JobProgressed, WebhookOptions, ids
from vivavoce.notifier.deliveries import place_of
from vivavoce.notifier.dispatch import Dispatch
from vivavoce.notifier.endpoints import Follower
from vivavoce.notifier.job_notices import JobNotices, Notice, body_of
from vivavoce.notifier.messages import Message
from vivavoce.notifier.retention import Retention
from vivavoce.notifier.tables import Tables


class Followers:
    """Keeps a job's steps until their address is known, and puts each on its way there, in order."""

    def __init__(self, tables: Tables, dispatch: Dispatch, retention: Retention, clock: Clock) -> None:
        self._tables = tables
        self._dispatch = dispatch
        self._retention = retention
        self._clock = clock

    async def follow(self, received: Received[JobFollowed], uow: UnitOfWork) -> None:
        """Remember the address, and send what has happened so far."""
        job = await self._job(received.envelope.organization_id, received.fact.job_id, uow)
        if job.url is not None:
            return
        followed = job.model_copy(update={"url": received.fact.notification_url})
        await self._tables.job_notices.save(followed, uow)
        follower = self._follower(followed, received.fact.notification_url)
        await self._tables.followers.save(follower, uow)
        for notice in sorted(followed.notices, key=lambda notice: notice.sequence):
            await self._send(follower, notice, uow)

    async def progress(self, received: Received[JobProgressed], uow: UnitOfWork) -> None:
        """Remember the step, and send it when the address is known."""
        fact = received.fact
        job = await self._job(received.envelope.organization_id, fact.job_id, uow)
        if any(notice.sequence == fact.sequence for notice in job.notices):
            return
        notice = Notice(
            event_id=received.envelope.id,
            sequence=fact.sequence,
            status=fact.status,
            message=fact.message,
            at=fact.at,
        )
        noted = job.model_copy(update={"notices": (*job.notices, notice)})
        await self._tables.job_notices.save(noted, uow)
        follower = await self._tables.followers.get(noted.organization_id, _follower_id(noted), uow)
        if follower is not None:
            await self._send(follower, notice, uow)

    async def _job(self, organization_id: str, job_id: str, uow: UnitOfWork) -> JobNotices:
        known = await self._tables.job_notices.get(organization_id, job_id, uow)
        if known is not None:
            return known
        expires_at = await self._retention.expiry(organization_id, uow)
        return JobNotices(id=job_id, organization_id=organization_id, expires_at=expires_at)

    def _follower(self, job: JobNotices, url: str) -> Follower:
        now = self._clock.now()
        return Follower(
            id=_follower_id(job),
            organization_id=job.organization_id,
            url=url,
            events=(JobProgressed.type,),
            options=WebhookOptions(ordered=True),
            secrets=(),
            created_at=now,
            updated_at=now,
            job_id=job.id,
            expires_at=job.expires_at,
        )

    async def _send(self, follower: Follower, notice: Notice, uow: UnitOfWork) -> None:
        """Put a step on its way; its place goes by its number, whatever the clock behind the steps did."""
        message = Message(
            id=notice.event_id,
            organization_id=follower.organization_id,
            event_type=JobProgressed.type,
            key=follower.job_id,
            happened_at=notice.at,
            place=place_of(follower.created_at, f"{notice.sequence:09}"),
            body=body_of(follower.job_id, notice),
            expires_at=follower.expires_at,
        )
        await self._tables.messages.insert(message, uow)
        await self._dispatch.first(follower, message, uow)


def _follower_id(job: JobNotices) -> str:
    return ids.derived_id(job.organization_id, "job", job.id)
