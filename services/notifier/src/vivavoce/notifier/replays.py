"""Sends again what has happened, one or all of a time, and sends examples."""

from collections.abc import Callable
from datetime import UTC, datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import Conflict, FieldProblem, InvalidInput
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    EXAMPLES,
    AuditAction,
    DeliveryFound,
    GetReplay,
    ReplayDelivery,
    ReplayFound,
    ReplayState,
    ReplayWebhook,
    SendTest,
    Trigger,
    WebhookReplay,
    ids,
)
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.deliveries import Delivery, place_of
from vivavoce.notifier.dispatch import Dispatch
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import Errand, ErrandKind, replay_of
from vivavoce.notifier.finding import Finder, check_active, no_such
from vivavoce.notifier.log import shown
from vivavoce.notifier.messages import Message, body_of
from vivavoce.notifier.paging import EARLIEST
from vivavoce.notifier.retention import Retention
from vivavoce.notifier.tables import Tables

MOST_REPLAYS = 10
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class Replays:
    """Puts on their way what was asked for; a question that is asked twice does so once."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        audit: Audit,
        finder: Finder,
        dispatch: Dispatch,
        retention: Retention,
        most_body_bytes: int,
        clock: Clock,
        wake_errands: Callable[[], None],
    ) -> None:
        self._database = database
        self._tables = tables
        self._audit = audit
        self._finder = finder
        self._dispatch = dispatch
        self._retention = retention
        self._most_body_bytes = most_body_bytes
        self._clock = clock
        self._wake_errands = wake_errands

    async def test(self, question: SendTest, context: Context) -> DeliveryFound:
        """A delivery of an example; raises Conflict while the endpoint is disabled."""
        if question.event_type not in EXAMPLES:
            problem = FieldProblem("event", f"give one of {', '.join(EXAMPLES)}")
            raise InvalidInput("There is no such event.", problems=(problem,))
        message_id = _id_of(context, "test")

        async def send(uow: UnitOfWork) -> Delivery:
            endpoint = await self._finder.endpoint(context, question.endpoint_id, uow)
            check_active(endpoint)
            message = await self._example(context, message_id, question.event_type, uow)
            sent = await self._dispatch.delivery(endpoint, message, uow)
            if sent is not None:
                return sent
            await self._tables.messages.save(message, uow)
            self._audit.record(uow, AuditAction.WEBHOOK_TEST, endpoint.id)
            standing = await self._tables.standings.get(context.organization_id, endpoint.id, uow)
            return await self._dispatch.first(endpoint, message, uow, trigger=Trigger.TEST, standing=standing)

        return DeliveryFound(delivery=shown(await self._database.transact(context, send)))

    async def delivery(self, question: ReplayDelivery, context: Context) -> DeliveryFound:
        """The delivery, due now under its own id; raises Conflict where it can't be sent."""

        async def send(uow: UnitOfWork) -> Delivery:
            delivery = await self._finder.delivery(context, question.delivery_id, uow)
            endpoint = await self._tables.endpoint(context.organization_id, delivery.endpoint_id, uow)
            if endpoint is None:
                raise Conflict("The webhook of this delivery has been deleted: register it anew.")
            check_active(endpoint)
            if await self._tables.messages.get(context.organization_id, delivery.event_id, uow) is None:
                raise Conflict("The message of this delivery is no longer kept.")
            again = await self._dispatch.again(endpoint, delivery, uow)
            action = AuditAction.WEBHOOK_DELIVERY_REPLAY
            self._audit.record(uow, action, delivery.id, before=delivery, after=again)
            return again

        return DeliveryFound(delivery=shown(await self._database.transact(context, send)))

    async def start(self, question: ReplayWebhook, context: Context) -> ReplayFound:
        """A replay of a time up to now; raises Conflict for a disabled endpoint, or when too many run."""
        now, errand_id = self._clock.now(), _id_of(context, "replay")
        since, until = max(question.since, EARLIEST), min(question.until or now, now)
        if since >= until:
            problem = FieldProblem("since", "give a time before until, and before now")
            raise InvalidInput("There is nothing in that time.", problems=(problem,))

        async def begin(uow: UnitOfWork) -> Errand:
            endpoint = await self._finder.endpoint(context, question.endpoint_id, uow)
            known = await self._tables.errands.get(context.organization_id, errand_id, uow)
            if known is not None:
                return known
            check_active(endpoint)
            await self._check_room(endpoint, uow)
            made = replay_of(endpoint, since, until, now, missing_only=question.missing_only)
            errand = made.model_copy(update={"id": errand_id})
            await self._tables.errands.insert(errand, uow)
            self._audit.record(uow, AuditAction.WEBHOOK_REPLAY, endpoint.id)
            uow.after_commit(self._wake_errands)
            return errand

        return ReplayFound(replay=shown_replay(await self._database.transact(context, begin)))

    async def get(self, question: GetReplay, context: Context) -> ReplayFound:
        """How far a replay has come; raises NotFound."""
        errand = await self._finder.replay(context, question.endpoint_id, question.replay_id)
        return ReplayFound(replay=shown_replay(errand))

    async def _example(self, context: Context, message_id: str, event_type: str, uow: UnitOfWork) -> Message:
        now, fact = self._clock.now(), EXAMPLES[event_type]
        return Message(
            id=message_id,
            organization_id=context.organization_id,
            event_type=event_type,
            key=fact.key,
            happened_at=now,
            place=place_of(now, message_id),
            body=body_of(event_type, now, fact, self._most_body_bytes),
            test=True,
            expires_at=await self._retention.expiry(context.organization_id, uow),
        )

    async def _check_room(self, endpoint: Endpoint, uow: UnitOfWork) -> None:
        running = {
            "endpoint_id": endpoint.id,
            "kind": ErrandKind.REPLAY.value,
            "due_at": {"$gt": BEFORE_ALL},
        }
        count = await self._tables.errands.count(endpoint.organization_id, running, uow, most=MOST_REPLAYS)
        if count >= MOST_REPLAYS:
            raise Conflict(
                f"{count} replays of webhook {endpoint.id} are under way: wait until one has ended."
            )


def _id_of(context: Context, purpose: str) -> str:
    """The id of what a question asks to happen once."""
    return ids.derived_id(context.causation_id or ids.new_id(), purpose)


def shown_replay(errand: Errand) -> WebhookReplay:
    """A replay as it is told; its second look, for stragglers, is not waited for."""
    if errand.since is None or errand.until is None:
        raise no_such(errand.endpoint_id)
    is_over = errand.due_at is None or errand.looked_again
    return WebhookReplay(
        id=errand.id,
        endpoint_id=errand.endpoint_id,
        since=errand.since,
        until=errand.until,
        missing_only=errand.missing_only,
        state=ReplayState.ENDED if is_over else ReplayState.RUNNING,
        queued=errand.queued,
        created_at=errand.created_at,
    )
