"""One service's database in MongoDB: transactions that carry state and messages together."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, timedelta

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, IndexModel, timeout
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from vivavoce.chassis import tracing
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import DOCUMENT, Index
from vivavoce.chassis.emissions import Emissions
from vivavoce.chassis.inbox import HANDLED_KEPT_DAYS
from vivavoce.chassis.mongo_counters import COUNTERS as SHARED_COUNTERS
from vivavoce.chassis.mongo_counters import MongoCounters
from vivavoce.chassis.mongo_documents import MongoCollection, MongoTransaction, MongoUnitOfWork, translated
from vivavoce.chassis.mongo_marks import INBOX, LEASES, MongoInbox, MongoLeases
from vivavoce.chassis.mongo_outbox import COUNTERS, MARKS, ORDER, REFUSED, ROWS, MongoOutbox
from vivavoce.chassis.mongo_transactions import in_transaction
from vivavoce.chassis.outbox import SENT_ROWS_KEPT_DAYS
from vivavoce.chassis.stored import Stored, stored_path
from vivavoce.chassis.uow import RESULT, Share, UnitOfWork

SERVER_SELECTION_MS = 2_000
HEARTBEAT_MS = 5_000
CONNECT_MS = 5_000
SOCKET_MS = 30_000
PING_SECONDS = 3.0
COUNTERS_KEPT = timedelta(days=90)
INDEX_EXISTS_OTHERWISE = frozenset({85, 86})


class MongoDatabase:
    """Implements the Database port; needs a replica set, if only of one node, for transactions.

    A server that hangs is found out by its heartbeats, within the sum of their two times; the time
    of a socket is longer, because a busy embedded database may take seconds for a large answer.
    `source` is what envelopes name, such as "/vivavoce/media". Sent outbox rows are deleted after
    `sent_kept`, inbox marks after `handled_kept`.
    """

    def __init__(
        self,
        uri: str,
        name: str,
        *,
        source: str,
        clock: Clock,
        sent_kept: timedelta = timedelta(days=SENT_ROWS_KEPT_DAYS),
        handled_kept: timedelta = timedelta(days=HANDLED_KEPT_DAYS),
    ) -> None:
        self._client: AsyncMongoClient[Stored] = AsyncMongoClient(
            uri,
            tz_aware=True,
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            connectTimeoutMS=CONNECT_MS,
            heartbeatFrequencyMS=HEARTBEAT_MS,
            socketTimeoutMS=SOCKET_MS,
            waitQueueTimeoutMS=CONNECT_MS,
            readConcernLevel="majority",
            w="majority",
        )
        codec: CodecOptions[Stored] = CodecOptions(document_class=dict, tz_aware=True, tzinfo=UTC)
        self._database = self._client.get_database(name, codec_options=codec)
        self._source = source
        self._clock = clock
        self._outbox = MongoOutbox(self._database)
        self._inbox = MongoInbox(self._database, clock)
        self._leases = MongoLeases(self._database, clock)
        self._shared_counters = MongoCounters(self._database)
        self._indexes = _own_indexes(sent_kept, handled_kept)

    @property
    def outbox(self) -> MongoOutbox:
        """The messages that await publication."""
        return self._outbox

    @property
    def inbox(self) -> MongoInbox:
        """The marks of handled events."""
        return self._inbox

    @property
    def leases(self) -> MongoLeases:
        """The leases of this service's processes."""
        return self._leases

    @property
    def counters(self) -> MongoCounters:
        """The counters that this service's processes share."""
        return self._shared_counters

    def collection(
        self, name: str, kind: type[DOCUMENT], indexes: Sequence[Index] = ()
    ) -> MongoCollection[DOCUMENT]:
        """The collection of a kind of document; its indexes are made by `prepare`."""
        self._indexes[name] = tuple(dict.fromkeys((*self._indexes.get(name, ()), *indexes)))
        return MongoCollection(self._database[name], kind)

    async def transact(self, context: Context, work: Callable[[UnitOfWork], Awaitable[RESULT]]) -> RESULT:
        """Run `work` in one transaction, again when it met another, and commit it.

        Raises WriteConflict when it met others every time, InfrastructureAway when the database
        doesn't answer.
        """
        with tracing.step("commit"):
            [result] = await self.transact_together([Share(tracing.here(context), work)])
        return result

    async def transact_together(self, shares: Sequence[Share[RESULT]]) -> list[RESULT]:
        """Run shares in one transaction, one after the other; otherwise as `transact`."""
        emitted: list[Emissions] = []

        async def run(session: AsyncClientSession) -> list[RESULT]:
            _abandon(emitted)
            return await self._run(shares, session, emitted)

        try:
            results = await in_transaction(self._client, run)
        except BaseException:
            _abandon(emitted)
            raise
        if any(emissions.collected for emissions in emitted):
            self._outbox.written.set()
        for emissions in emitted:
            emissions.committed()
        return results

    async def _run(
        self, shares: Sequence[Share[RESULT]], session: AsyncClientSession, emitted: list[Emissions]
    ) -> list[RESULT]:
        now, transaction = self._clock.now(), MongoTransaction(session)
        results = []
        for share in shares:
            emitted.append(Emissions(share.context, self._source, now))
            uow = MongoUnitOfWork(share.context, transaction, emitted[-1])
            results.append(await _worked(share.work, uow))
        collected = [emission for emissions in emitted for emission in emissions.collected]
        if collected:
            await self._outbox.write(collected, now, uow)
        await uow.flush()
        return results

    async def prepare(self) -> None:
        """Create the collections and indexes of everything asked for so far."""
        with translated():
            existing = set(await self._database.list_collection_names())
            for name, indexes in self._indexes.items():
                if name not in existing:
                    await self._create_collection(name)
                for index in indexes:
                    await self._create_index(name, index)

    async def ping(self) -> None:
        """Return if the database answers; raises InfrastructureAway."""
        with translated(), timeout(PING_SECONDS):
            await self._client.admin.command("ping")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def _create_collection(self, name: str) -> None:
        try:
            await self._database.create_collection(name, check_exists=False)
        except OperationFailure as error:
            if error.details is None or error.details.get("codeName") != "NamespaceExists":
                raise

    async def _create_index(self, name: str, index: Index) -> None:
        keys = [(stored_path(path), direction) for path, direction in index.fields]
        options: dict[str, object] = {"unique": True} if index.unique else {}
        if index.expires_after is not None:
            options["expireAfterSeconds"] = int(index.expires_after.total_seconds())
        try:
            await self._database[name].create_indexes([IndexModel(keys, **options)])
        except OperationFailure as error:
            if error.code not in INDEX_EXISTS_OTHERWISE or "expireAfterSeconds" not in options:
                raise
            changed = {"keyPattern": dict(keys), "expireAfterSeconds": options["expireAfterSeconds"]}
            await self._database.command({"collMod": name, "index": changed})


def _abandon(emitted: list[Emissions]) -> None:
    for emissions in emitted:
        emissions.abandoned()
    emitted.clear()


async def _worked(work: Callable[[UnitOfWork], Awaitable[RESULT]], uow: MongoUnitOfWork) -> RESULT:
    """What the work returns. What it wrote before it failed, it may have failed for: that comes first."""
    try:
        result = await work(uow)
    except Exception:
        if uow.transaction.failure is None:
            await uow.flush()
        raise
    uow.transaction.raise_failure()
    return result


def _own_indexes(sent_kept: timedelta, handled_kept: timedelta) -> dict[str, tuple[Index, ...]]:
    return {
        ROWS: (
            Index((("sent_at", 1), *ORDER)),
            Index((("sent_at", 1),), expires_after=sent_kept),
        ),
        COUNTERS: (Index((("at", 1),), expires_after=COUNTERS_KEPT),),
        MARKS: (),
        REFUSED: (),
        INBOX: (Index((("handled_at", 1),), expires_after=handled_kept),),
        LEASES: (),
        SHARED_COUNTERS: (Index((("expires_at", 1),), expires_after=timedelta(0)),),
    }
