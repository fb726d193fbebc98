"""Has each request with an Idempotency-Key run once, and gives its repeats the same answer."""

import secrets
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection, Document, Index
from vivavoce.chassis.errors import AlreadyExists, Conflict, InfrastructureAway, Overloaded, Unprocessable
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.gateway.auth.signing import key_for
from vivavoce.gateway.idempotency.answers import Answer
from vivavoce.gateway.idempotency.claims import Claim
from vivavoce.gateway.idempotency.keys import Key, Scope
from vivavoce.gateway.idempotency.settings import IdempotencySettings

SOON_SECONDS = 1
TOKEN_BYTES = 8

log = get_logger(__name__)


class IdempotencyOff(Overloaded):
    """The deployment has no secret that answers could be sealed with."""

    code = "idempotency_off"


class StillRunning(Conflict):
    """The first request with this key hasn't been answered."""

    code = "idempotency_running"


class KeyReused(Unprocessable):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class Run(Document):
    """A request that was sent with a key: it runs until it is answered, or until its lease has ended.

    `id` and `digest` are keyed hashes, the answer is sealed: only who repeats the request can read it.
    """

    digest: str
    token: str
    runs_until: datetime
    answer: bytes | None = None
    expires_at: datetime


class Idempotency:
    """Claims runs, and keeps their answers."""

    def __init__(self, database: Database, clock: Clock, settings: IdempotencySettings, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._secret = key_for("idempotency", secret)
        self._lease = timedelta(seconds=settings.idempotency_lease_seconds)
        self._kept = timedelta(hours=settings.idempotency_kept_hours)
        self._runs: Collection[Run] = database.collection(
            "idempotency", Run, [Index((("expires_at", 1),), expires_after=timedelta(0))]
        )

    async def claim(self, value: str, scope: Scope, *content: bytes) -> Claim | Answer:
        """The right to run a request, or the answer of the run that has been.

        Raises StillRunning, KeyReused when the content is another than before, and IdempotencyOff.
        """
        if not self._secret:
            raise IdempotencyOff("Idempotency-Key is not supported here: SIGNING_SECRET is not set.")
        key = Key(value, scope, self._secret)
        claim = Claim(scope.organization_id, key, key.digest(*content), secrets.token_hex(TOKEN_BYTES))

        async def take(uow: UnitOfWork) -> Run | None:
            known = await self._runs.get(scope.organization_id, key.id, uow)
            if known is None:
                await self._runs.insert(self._run(claim), uow)
            elif not self._stands(known, claim):
                await self._runs.save(self._run(claim), uow)
            else:
                return known
            return None

        try:
            standing = await self._database.transact(_context(claim), take)
        except AlreadyExists:
            standing = await self._database.transact(_context(claim), take)
        return claim if standing is None or standing.answer is None else _opened(key, standing.answer)

    async def settle(self, claim: Claim, answer: Answer | None) -> None:
        """Keep the answer for repeats; without one that is kept, let the next one run.

        A run that was taken for lost changes nothing any more. When the database is away, the lease's end
        settles it.
        """

        async def write(uow: UnitOfWork) -> None:
            known = await self._runs.get(claim.organization_id, claim.key.id, uow)
            if known is None or known.token != claim.token:
                return
            if answer is None or not answer.is_kept:
                await self._runs.delete(claim.organization_id, claim.key.id, uow)
                return
            sealed = claim.key.seal(answer.to_bytes())
            await self._runs.save(known.model_copy(update={"answer": sealed}), uow)

        try:
            await self._database.transact(_context(claim), write)
        except InfrastructureAway as error:
            log.warning("idempotency_not_settled", error=error.code)

    def _stands(self, known: Run, claim: Claim) -> bool:
        """Whether what is stored decides; raises StillRunning or KeyReused."""
        now = self._clock.now()
        if known.expires_at <= now:
            return False
        if known.digest != claim.digest:
            raise KeyReused(
                "This Idempotency-Key was used for another request: use a new one, or repeat that exactly."
            )
        if known.answer is None and known.runs_until > now:
            raise StillRunning(
                "The first request with this Idempotency-Key is still being worked on: try again soon.",
                retry_after=SOON_SECONDS,
            )
        return known.answer is not None

    def _run(self, claim: Claim) -> Run:
        now = self._clock.now()
        return Run(
            id=claim.key.id,
            organization_id=claim.organization_id,
            digest=claim.digest,
            token=claim.token,
            runs_until=now + self._lease,
            expires_at=now + self._kept,
        )


def _opened(key: Key, sealed: bytes) -> Answer:
    return Answer.from_bytes(key.open(sealed))


def _context(claim: Claim) -> Context:
    ids = request_ids()
    return Context(claim.organization_id, ids.correlation_id, traceparent=ids.traceparent)
