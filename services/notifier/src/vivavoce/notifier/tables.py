"""What the notifier stores, and the indexes by which it is asked for."""

from datetime import datetime, timedelta

from vivavoce.chassis.documents import Document, Index
from vivavoce.chassis.jobs import JOB_INDEXES
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.notifier.deliveries import Attempt, Delivery
from vivavoce.notifier.endpoints import Endpoint, Follower, OrganizationSettings, Pace, Standing
from vivavoce.notifier.errands import Errand
from vivavoce.notifier.job_notices import JobNotices
from vivavoce.notifier.messages import Message

FORGOTTEN = Index((("expires_at", 1),), expires_after=timedelta(0))
ENDPOINT_INDEXES = (
    Index((("organization_id", 1), ("url", 1)), unique=True),
    Index((("organization_id", 1), ("place", 1))),
    Index((("organization_id", 1), ("updated_at", 1))),
    Index((("organization_id", 1), ("active", 1), ("id", 1))),
)
MESSAGE_INDEXES = (Index((("organization_id", 1), ("place", 1))), FORGOTTEN)
DELIVERY_INDEXES = (
    *JOB_INDEXES,
    Index((("organization_id", 1), ("place", 1))),
    Index((("organization_id", 1), ("updated_at", 1))),
    Index((("organization_id", 1), ("status", 1), ("place", 1))),
    Index((("organization_id", 1), ("endpoint_id", 1), ("place", 1))),
    Index((("organization_id", 1), ("endpoint_id", 1), ("status", 1), ("place", 1))),
    Index((("endpoint_id", 1), ("waiting", 1), ("place", 1))),
    Index((("endpoint_id", 1), ("status", 1), ("due_at", 1))),
    Index((("lane", 1), ("waiting", 1), ("place", 1))),
    FORGOTTEN,
)
ATTEMPT_INDEXES = (
    Index((("organization_id", 1), ("place", 1))),
    Index((("organization_id", 1), ("endpoint_id", 1), ("place", 1))),
    Index((("delivery_id", 1), ("place", 1))),
    FORGOTTEN,
)
ERRAND_INDEXES = (*JOB_INDEXES, Index((("endpoint_id", 1), ("kind", 1), ("due_at", 1))), FORGOTTEN)


class Lane(Document):
    """The deliveries of one key at one ordered endpoint, which go one after the other.

    `head` is the delivery whose turn it is. Whoever inserts or ends a delivery of the lane changes this
    document too (`moves`), so that two who do so at once meet.
    """

    head: str | None = None
    moves: int = 0
    expires_at: datetime


class Tables:
    """The collections of the notifier's database."""

    def __init__(self, database: Database) -> None:
        collection = database.collection
        self.endpoints = collection("endpoints", Endpoint, ENDPOINT_INDEXES)
        self.followers = collection("followers", Follower, (FORGOTTEN,))
        self.standings = collection("standings", Standing)
        self.paces = collection("paces", Pace)
        self.messages = collection("messages", Message, MESSAGE_INDEXES)
        self.deliveries = collection("deliveries", Delivery, DELIVERY_INDEXES)
        self.attempts = collection("attempts", Attempt, ATTEMPT_INDEXES)
        self.lanes = collection("lanes", Lane, (FORGOTTEN,))
        self.errands = collection("errands", Errand, ERRAND_INDEXES)
        self.job_notices = collection("job_notices", JobNotices, (FORGOTTEN,))
        self.organization_settings = collection("organization_settings", OrganizationSettings)

    async def endpoint(
        self, organization_id: str, endpoint_id: str, uow: UnitOfWork | None = None
    ) -> Endpoint | None:
        """Where deliveries go to: a registered endpoint, or the follower of a job."""
        registered = await self.endpoints.get(organization_id, endpoint_id, uow)
        return registered or await self.followers.get(organization_id, endpoint_id, uow)

    async def active_endpoints(
        self, organization_id: str, after: str, limit: int, uow: UnitOfWork
    ) -> list[Endpoint]:
        """A page of an organization's active endpoints, in order of their ids behind `after`."""
        where = {"active": True, "id": {"$gt": after}}
        return await self.endpoints.find(organization_id, where, sort=(("id", 1),), limit=limit, uow=uow)
