"""Keeps how endpoints fare: pauses and disables them, lets them try again, and says so."""

from collections.abc import Callable
from dataclasses import dataclass

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import DeliveryStatus, DisabledReason, Waiting
from vivavoce.notifier import standing as rules_of
from vivavoce.notifier.deliveries import Delivery, Outcome, parked
from vivavoce.notifier.endpoints import Endpoint, Follower, Standing
from vivavoce.notifier.errands import PAGE, Errand, probe_of, release_of
from vivavoce.notifier.news import News
from vivavoce.notifier.tables import Tables


@dataclass(frozen=True)
class Verdict:
    """What a failed attempt means for its delivery: whether it counts as a try, and what it waits for."""

    counts: bool = True
    waiting: Waiting | None = None


class Watch:
    """Draws the consequences of an attempt for its endpoint, in the attempt's transaction.

    Nothing is written for the plain success of a healthy endpoint.
    """

    def __init__(
        self, tables: Tables, rules: rules_of.Rules, clock: Clock, wake_errands: Callable[[], None]
    ) -> None:
        self._tables = tables
        self._rules = rules
        self._clock = clock
        self._wake_errands = wake_errands

    async def judge(
        self, endpoint: Endpoint, delivery: Delivery, outcome: Outcome, uow: UnitOfWork
    ) -> Verdict:
        """What the outcome means; facts and errands that follow are in the same commit."""
        before = await self._tables.standings.get(endpoint.organization_id, endpoint.id, uow)
        if outcome.accepted:
            await self._recovered(endpoint, before, uow)
            return Verdict()
        standing = before or Standing(id=endpoint.id, organization_id=endpoint.organization_id)
        if outcome.gone:
            gone = standing.model_copy(update={"last_error": outcome.error})
            return await self._disabled(endpoint, gone, DisabledReason.GONE, uow)
        if outcome.throttled:
            return await self._throttled(endpoint, standing, outcome, uow)
        return await self._failed(endpoint, delivery, standing, outcome, uow)

    async def _recovered(self, endpoint: Endpoint, before: Standing | None, uow: UnitOfWork) -> None:
        if before is None:
            return
        now = self._clock.now()
        after = rules_of.after_success(before, now)
        if after is None:
            await self._tables.standings.delete(endpoint.organization_id, endpoint.id, uow)
        else:
            await self._tables.standings.save(after, uow)
        if before.pauses > 0:
            await self._errand(release_of(endpoint, now, now), uow)
            News(uow).recovered(endpoint, before, now)

    async def _throttled(
        self, endpoint: Endpoint, standing: Standing, outcome: Outcome, uow: UnitOfWork
    ) -> Verdict:
        now = self._clock.now()
        after = rules_of.after_throttle(standing, outcome, now, self._rules)
        await self._tables.standings.save(after, uow)
        if rules_of.is_hopeless(after, now, self._rules):
            return await self._disabled(endpoint, after, DisabledReason.FAILING, uow)
        until = after.shut_until or now
        if not rules_of.is_throttled(standing, now):
            await self._park_what_is_due(endpoint, Waiting.ENDPOINT, uow)
        if rules_of.is_paused(after):
            await self._errand(probe_of(endpoint, until, now), uow)
        else:
            await self._errand(release_of(endpoint, until, now, ahead_of_schedule=False), uow)
        return Verdict(counts=False, waiting=Waiting.ENDPOINT)

    async def _failed(
        self,
        endpoint: Endpoint,
        delivery: Delivery,
        standing: Standing,
        outcome: Outcome,
        uow: UnitOfWork,
    ) -> Verdict:
        now = self._clock.now()
        trial = standing.probing == delivery.id
        after = rules_of.after_failure(standing, outcome, now, self._rules, trial=trial)
        await self._tables.standings.save(after, uow)
        if rules_of.is_hopeless(after, now, self._rules):
            return await self._disabled(endpoint, after, DisabledReason.FAILING, uow)
        if after.pauses > standing.pauses:
            await self._park_what_is_due(endpoint, Waiting.ENDPOINT, uow)
            await self._errand(probe_of(endpoint, after.shut_until or now, now), uow)
        if standing.pauses == 0 < after.pauses:
            News(uow).failing(endpoint, after, now)
        return Verdict(waiting=Waiting.ENDPOINT if trial else None)

    async def _disabled(
        self, endpoint: Endpoint, standing: Standing, reason: DisabledReason, uow: UnitOfWork
    ) -> Verdict:
        """An endpoint that was changed while the attempt was under way stays as it is now."""
        now = self._clock.now()
        update = {
            "active": False,
            "disabled_reason": reason,
            "disabled_detail": standing.last_error,
            "disabled_at": now,
            "updated_at": now,
        }
        changed = endpoint.model_copy(update=update)
        if not await self._replace(endpoint, changed, uow):
            return Verdict()
        await self._park_what_is_due(endpoint, Waiting.DISABLED, uow)
        News(uow).disabled(changed, standing, reason, now)
        return Verdict(counts=False, waiting=Waiting.DISABLED)

    async def _replace(self, endpoint: Endpoint, changed: Endpoint, uow: UnitOfWork) -> bool:
        """Whether the endpoint was still as it was."""
        if isinstance(endpoint, Follower) and isinstance(changed, Follower):
            await self._tables.followers.save(changed, uow)
            return True
        stored = await self._tables.endpoints.get(endpoint.organization_id, endpoint.id, uow)
        if stored != endpoint:
            return False
        await self._tables.endpoints.save(changed, uow)
        return True

    async def _park_what_is_due(self, endpoint: Endpoint, waiting: Waiting, uow: UnitOfWork) -> None:
        """Have what is due and nobody's wait for the endpoint, a page of it.

        The pool would do so too, but one by one, and meanwhile keep the database from others' deliveries.
        """
        now, deliveries = self._clock.now(), self._tables.deliveries
        pending = {"endpoint_id": endpoint.id, "status": DeliveryStatus.PENDING.value, "lease_owner": None}
        where = {**pending, "due_at": {"$lte": now}}
        for delivery in await deliveries.find(endpoint.organization_id, where, limit=PAGE, uow=uow):
            await deliveries.save(parked(delivery, waiting, now), uow)

    async def _errand(self, errand: Errand, uow: UnitOfWork) -> None:
        await self._tables.errands.save(errand, uow)
        uow.after_commit(self._wake_errands)
