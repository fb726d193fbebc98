"""Faults that the database itself is told to have, by MongoDB's fail points."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

PATIENCE_MS = 3_000
TRIES = 30
FAIL_POINT = "failCommand"


@dataclass(frozen=True)
class Fault:
    """Commands that fail with an error code, or whose connection is closed; `times`, or for a while.

    Those that are `done` take effect all the same, and only their caller is told otherwise.
    """

    commands: tuple[str, ...]
    code: int | None = None
    labels: tuple[str, ...] = ()
    times: int | None = None
    done: bool = False

    def command(self) -> dict[str, Any]:
        """The database command that sets it off."""
        return {
            "configureFailPoint": FAIL_POINT,
            "mode": "alwaysOn" if self.times is None else {"times": self.times},
            "data": {"failCommands": list(self.commands), **self._failure()},
        }

    def _failure(self) -> dict[str, Any]:
        if self.code is None:
            return {"closeConnection": True}
        if self.done:
            return {"writeConcernError": {"code": self.code, "errmsg": "it may have been done"}}
        return {"errorCode": self.code, **({"errorLabels": list(self.labels)} if self.labels else {})}


TRANSIENT = ("TransientTransactionError",)
UNKNOWN = ("UnknownTransactionCommitResult",)
FAULTS: Mapping[str, Fault] = {
    "writes meet conflicts": Fault(("insert", "update"), 112, TRANSIENT, times=30),
    "writes meet conflicts for a while": Fault(("insert", "update"), 112, TRANSIENT),
    "inserts close connections": Fault(("insert",), times=10),
    "updates close connections": Fault(("update",), times=10),
    "finds close connections": Fault(("find",), times=10),
    "no primary for a while": Fault(("find", "insert", "update"), 10107),
    "finds time out": Fault(("find",), 50, times=20),
    "commits meet conflicts": Fault(("commitTransaction",), 112, TRANSIENT, times=10),
    "commits end unknown": Fault(("commitTransaction",), 50, UNKNOWN, times=10),
    "commits are done and end unknown": Fault(("commitTransaction",), 64, times=10, done=True),
    "commits close connections": Fault(("commitTransaction",), times=10),
    "commits close connections for a while": Fault(("commitTransaction",)),
    "an unknown error, twice": Fault(("update",), 8000, times=2),
}


@asynccontextmanager
async def faulty(address: str, fault: Fault) -> AsyncIterator[None]:
    """The fault for the length of a block. A database that is away has none, and forgets it by itself."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        address, serverSelectionTimeoutMS=PATIENCE_MS, socketTimeoutMS=PATIENCE_MS
    )
    async with client:
        with suppress(PyMongoError):
            await client.admin.command(fault.command())
        try:
            yield
        finally:
            await heal(client)


async def heal(client: AsyncMongoClient[dict[str, Any]]) -> None:
    """Switch the fail point off; raises PyMongoError when the database is away for long."""
    for tries_left in range(TRIES, 0, -1):
        try:
            await client.admin.command({"configureFailPoint": FAIL_POINT, "mode": "off"})
        except PyMongoError:
            if tries_left == 1:
                raise
        else:
            return
