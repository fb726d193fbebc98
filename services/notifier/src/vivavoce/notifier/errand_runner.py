"""Runs errands: one page at a time, each in one commit, until nothing is left to do."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.jobs import Settle
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import DeliveryStatus, Waiting
from vivavoce.notifier.deliveries import Delivery, due, ended, moment_in_order
from vivavoce.notifier.dispatch import Dispatch, wants
from vivavoce.notifier.endpoints import Endpoint, Standing
from vivavoce.notifier.errands import PAGE, Errand, ErrandKind
from vivavoce.notifier.messages import Message
from vivavoce.notifier.standing import half_open, is_paused, is_throttled, on_trial
from vivavoce.notifier.tables import Tables

LOOK_AGAIN = timedelta(minutes=1)
"""Longer than a transaction may last: what was open during the first look has ended by the second."""
OVERLAP = timedelta(minutes=10)
TRIAL_ENDS = timedelta(minutes=2)
"""When a trial that was never settled gives way to another."""
CANDIDATES = 20
PARKED = (Waiting.ENDPOINT, Waiting.DISABLED)

Kind = Callable[[UnitOfWork, Errand], Awaitable[Errand]]


class ErrandRunner:
    """What the pool of errands runs; each kind is a row."""

    def __init__(self, tables: Tables, dispatch: Dispatch, clock: Clock, wake: Callable[[], None]) -> None:
        self._tables = tables
        self._dispatch = dispatch
        self._clock = clock
        self._wake = wake
        self._kinds: Mapping[ErrandKind, Kind] = {
            ErrandKind.FAN_OUT: self._fan_out,
            ErrandKind.PROBE: self._probe,
            ErrandKind.RELEASE: self._release,
            ErrandKind.REPLAY: self._replay,
            ErrandKind.CANCEL: self._cancel,
        }

    async def run(self, errand: Errand) -> Settle[Errand]:
        """One page; all of it happens in the commit that ends the run."""
        return self._kinds[errand.kind]

    async def _fan_out(self, uow: UnitOfWork, errand: Errand) -> Errand:
        message = await self._tables.messages.get(errand.organization_id, errand.event_id or "", uow)
        if message is None:
            return _ended(errand)
        page = await self._tables.active_endpoints(errand.organization_id, errand.after or "", PAGE, uow)
        queued = await self._dispatch.to_all(message, page, uow, is_new=False)
        after = page[-1].id if page else errand.after
        return self._went_on(errand, after, queued, is_last=len(page) < PAGE)

    async def _probe(self, uow: UnitOfWork, errand: Errand) -> Errand:
        now, standing = self._clock.now(), await self._standing(errand, uow)
        endpoint = await self._endpoint(errand, uow)
        if endpoint is None or not endpoint.active or standing is None or not is_paused(standing):
            return _ended(errand)
        if standing.shut_until is not None and standing.shut_until > now:
            return _again(errand, standing.shut_until)
        trial = await self._trial(errand, uow)
        if trial is None:
            await self._tables.standings.save(half_open(standing), uow)
            return _as_release(errand, now + LOOK_AGAIN)
        await self._tables.standings.save(on_trial(standing, trial.id), uow)
        await self._let_go([trial], endpoint, uow)
        return _again(errand, now + TRIAL_ENDS)

    async def _trial(self, errand: Errand, uow: UnitOfWork) -> Delivery | None:
        """What to try a paused endpoint with: not always the same, for it may be that one's own fault."""
        waiting = await self._parked(errand, uow, limit=CANDIDATES)
        waiting = waiting or await self._scheduled(errand, uow, limit=1)
        return min(waiting, key=lambda one: (one.last_at or one.created_at, one.place), default=None)

    async def _release(self, uow: UnitOfWork, errand: Errand) -> Errand:
        now, standing = self._clock.now(), await self._standing(errand, uow)
        endpoint = await self._endpoint(errand, uow)
        if endpoint is None or not endpoint.active or is_paused(standing):
            return _ended(errand)
        if standing is not None and standing.shut_until is not None and is_throttled(standing, now):
            return _again(errand, standing.shut_until)
        page = await self._parked(errand, uow, limit=PAGE)
        if errand.ahead_of_schedule and len(page) < PAGE:
            page += await self._scheduled(errand, uow, limit=PAGE - len(page))
        await self._let_go(page, endpoint, uow)
        return self._went_on(errand, None, len(page), is_last=len(page) < PAGE)

    async def _replay(self, uow: UnitOfWork, errand: Errand) -> Errand:
        endpoint = await self._endpoint(errand, uow)
        if endpoint is None or errand.since is None or errand.until is None:
            return _ended(errand)
        first = errand.after or moment_in_order(errand.since)
        page = await self._tables.messages.find(
            errand.organization_id,
            {"place": {"$gt": first, "$lt": moment_in_order(errand.until)}},
            sort=(("place", 1),),
            limit=PAGE,
            uow=uow,
        )
        queued = 0
        for message in page:
            if wants(endpoint, message):
                queued += await self._replay_one(endpoint, message, errand, uow)
        after = page[-1].place if page else first
        return self._went_on(errand, after, queued, is_last=len(page) < PAGE)

    async def _replay_one(self, endpoint: Endpoint, message: Message, errand: Errand, uow: UnitOfWork) -> int:
        """1 if the message goes out again, 0 if not."""
        delivery = await self._dispatch.delivery(endpoint, message, uow)
        if delivery is None:
            await self._dispatch.first(endpoint, message, uow)
            return 1
        if errand.looked_again:
            return 0
        if errand.missing_only and not _is_missing(delivery):
            return 0
        await self._dispatch.again(endpoint, delivery, uow)
        return 1

    async def _cancel(self, uow: UnitOfWork, errand: Errand) -> Errand:
        if await self._endpoint(errand, uow) is not None:
            return _ended(errand)
        where = {"endpoint_id": errand.endpoint_id, "status": DeliveryStatus.PENDING.value}
        page = await self._tables.deliveries.find(
            errand.organization_id, where, sort=(("place", 1),), limit=PAGE, uow=uow
        )
        now = self._clock.now()
        for delivery in page:
            cancelled = ended(delivery, DeliveryStatus.CANCELLED, now, "the endpoint has been deleted")
            await self._tables.deliveries.save(cancelled, uow)
        await self._tables.standings.delete(errand.organization_id, errand.endpoint_id, uow)
        await self._tables.paces.delete(errand.organization_id, errand.endpoint_id, uow)
        return self._went_on(errand, None, len(page), is_last=len(page) < PAGE)

    def _went_on(self, errand: Errand, after: str | None, queued: int, *, is_last: bool) -> Errand:
        """The errand at its next page, at its second look, or at its end."""
        now = self._clock.now()
        done = errand.model_copy(update={"after": after, "queued": errand.queued + queued})
        if not is_last:
            return _again(done, now)
        if errand.looked_again or errand.kind == ErrandKind.FAN_OUT:
            return _ended(done)
        start = moment_in_order(max(errand.since or now, errand.created_at - OVERLAP))
        again = {"looked_again": True, "after": start if errand.kind == ErrandKind.REPLAY else None}
        return _again(done.model_copy(update=again), now + LOOK_AGAIN)

    async def _parked(self, errand: Errand, uow: UnitOfWork, limit: int) -> list[Delivery]:
        """The oldest that wait for the endpoint."""
        found: list[Delivery] = []
        for waiting in PARKED:
            where = {"endpoint_id": errand.endpoint_id, "waiting": waiting.value}
            found += await self._tables.deliveries.find(
                errand.organization_id, where, sort=(("place", 1),), limit=limit, uow=uow
            )
        return sorted(found, key=lambda delivery: delivery.place)[:limit]

    async def _scheduled(self, errand: Errand, uow: UnitOfWork, limit: int) -> list[Delivery]:
        """What is planned for later because it failed; slots of a rate limit stay."""
        pending = {"endpoint_id": errand.endpoint_id, "status": DeliveryStatus.PENDING.value, "slot": None}
        where = {**pending, "due_at": {"$gt": self._clock.now()}}
        return await self._tables.deliveries.find(
            errand.organization_id, where, sort=(("due_at", 1),), limit=limit, uow=uow
        )

    async def _let_go(self, deliveries: list[Delivery], endpoint: Endpoint, uow: UnitOfWork) -> None:
        now = self._clock.now()
        for delivery in deliveries:
            current = delivery.model_copy(update={"concurrency": endpoint.options.concurrency})
            await self._tables.deliveries.save(due(current, now, now), uow)
        uow.after_commit(self._wake)

    async def _endpoint(self, errand: Errand, uow: UnitOfWork) -> Endpoint | None:
        return await self._tables.endpoint(errand.organization_id, errand.endpoint_id, uow)

    async def _standing(self, errand: Errand, uow: UnitOfWork) -> Standing | None:
        return await self._tables.standings.get(errand.organization_id, errand.endpoint_id, uow)


def _is_missing(delivery: Delivery) -> bool:
    """Whether the endpoint has not accepted it, and nothing is planned that may change that by itself."""
    given_up = delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.CANCELLED)
    return given_up or delivery.waiting in PARKED


def _again(errand: Errand, at: datetime) -> Errand:
    return errand.model_copy(update={"due_at": at})


def _ended(errand: Errand) -> Errand:
    return errand.model_copy(update={"due_at": None})


def _as_release(errand: Errand, at: datetime) -> Errand:
    """One more look for what was parked in the same moment, at an endpoint that is open again."""
    return _again(errand.model_copy(update={"kind": ErrandKind.RELEASE, "looked_again": True}), at)
