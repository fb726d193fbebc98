"""Slows guessing down without a way to lock anybody else out: budgets by where the tries come from."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection, Document, Index
from vivavoce.chassis.errors import RateLimited
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.gateway.accounts.attempts import Failures, counted, remaining
from vivavoce.gateway.accounts.context import context_for
from vivavoce.gateway.accounts.origins import Origin
from vivavoce.gateway.accounts.settings import AccountSettings
from vivavoce.gateway.auth.signing import key_for
from vivavoce.gateway.auth.writing import transact_anew

NO_ORGANIZATION = "none"
EXPIRED_AT_ONCE = (Index((("expires_at", 1),), expires_after=timedelta()),)

log = get_logger(__name__)


class KnownAddress(Document):
    """An address that has signed in to an account; `id` doesn't tell of which."""

    expires_at: datetime


@dataclass(frozen=True)
class Budget:
    """Where failures are counted, and how many cost nothing."""

    id: str
    free: int


@dataclass(frozen=True)
class Try:
    """One password that may be tried, counted as wrong until it turns out to be right."""

    known_id: str
    own: Budget
    shared: Budget | None


class Guard:
    """Counts failures in the database, so that every instance knows of them.

    There are three kinds of budgets. Tries from where nobody has signed in to the account count for
    (account, network) and for the address over all accounts. Tries from an address that has signed in
    to the account count for (account, address) alone. So nobody's failures elsewhere are in the
    owner's way. Accounts and addresses are stored as keyed hashes only, in `organization`.
    """

    def __init__(self, database: Database, clock: Clock, settings: AccountSettings, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._key = key_for("v1 attempts", secret)
        self.organization = settings.registration_organization or NO_ORGANIZATION
        self._failures: Collection[Failures] = database.collection(
            "sign_in_failures", Failures, EXPIRED_AT_ONCE
        )
        self._known: Collection[KnownAddress] = database.collection(
            "known_addresses", KnownAddress, EXPIRED_AT_ONCE
        )

    async def admit(self, email_key: str, origin: Origin) -> Try:
        """Let a password be tried, whether or not there is such an account; raises RateLimited.

        It is counted beforehand, so that many at once are no way around the count; one that is
        refused isn't, so that waiting always helps.
        """
        known_id = self._id("known", email_key, origin.address)

        async def work(uow: UnitOfWork) -> Try | timedelta:
            attempt = await self._budgets(known_id, email_key, origin, uow)
            return await self._counted(attempt, uow)

        found = await transact_anew(self._database, context_for(self.organization), work)
        if isinstance(found, timedelta):
            log.warning("sign_in_refused", seconds=found.total_seconds(), account=self.pseudonym(email_key))
            raise RateLimited(
                "Too many wrong passwords from here. Wait before the next try.",
                retry_after=found.total_seconds(),
            )
        return found

    async def succeeded(self, attempt: Try, uow: UnitOfWork) -> None:
        """The password was right: its account's failures from here are forgotten, and here is known."""
        now = self._clock.now()
        await self._failures.delete(self.organization, attempt.own.id, uow)
        if attempt.shared is not None:
            await self._give_back_one(attempt.shared, uow)
        known = KnownAddress(
            id=attempt.known_id,
            organization_id=self.organization,
            expires_at=now + self._settings.known_address,
        )
        await self._known.save(known, uow)

    async def give_back(self, attempt: Try) -> None:
        """The password wasn't tried after all."""

        async def work(uow: UnitOfWork) -> None:
            for budget in _budgets_of(attempt):
                await self._give_back_one(budget, uow)

        await transact_anew(self._database, context_for(self.organization), work)

    def pseudonym(self, email_key: str) -> str:
        """A name for an account in logs, of which the e-mail can't be told."""
        return self._id("log", email_key)[:16]

    async def _budgets(self, known_id: str, email_key: str, origin: Origin, uow: UnitOfWork) -> Try:
        known = await self._known.get(self.organization, known_id, uow)
        free, free_of_all = (
            self._settings.sign_in_free_failures,
            self._settings.sign_in_free_failures_of_address,
        )
        if known is not None and known.expires_at > self._clock.now():
            return Try(known_id, Budget(self._id("own", email_key, origin.address), free), None)
        pair = Budget(self._id("network", email_key, origin.network), free)
        return Try(known_id, pair, Budget(self._id("address", origin.address), free_of_all))

    async def _counted(self, attempt: Try, uow: UnitOfWork) -> Try | timedelta:
        now, settings, organization = self._clock.now(), self._settings, self.organization
        budgets = _budgets_of(attempt)
        found = [await self._failures.get(organization, budget.id, uow) for budget in budgets]
        waits = [
            remaining(failures, budget.free, now, settings)
            for failures, budget in zip(found, budgets, strict=True)
        ]
        if max(waits):
            return max(waits)
        for failures, budget in zip(found, budgets, strict=True):
            await self._failures.save(counted(failures, budget.id, organization, now, settings), uow)
        return attempt

    async def _give_back_one(self, budget: Budget, uow: UnitOfWork) -> None:
        failures = await self._failures.get(self.organization, budget.id, uow)
        if failures is not None and failures.count > 0:
            await self._failures.save(failures.model_copy(update={"count": failures.count - 1}), uow)

    def _id(self, *parts: str) -> str:
        text = "\n".join((self.organization, *parts))
        return hmac.digest(self._key, text.encode("utf-8", "replace"), "sha256").hex()


def _budgets_of(attempt: Try) -> list[Budget]:
    return [attempt.own] if attempt.shared is None else [attempt.own, attempt.shared]
