"""Transactions in MongoDB: run again when they meet another, and committed until it is certain."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from vivavoce.chassis.errors import InfrastructureAway, VivaError, WriteConflict
from vivavoce.chassis.mongo_errors import UNKNOWN_COMMIT, commit_error_of, translated_errors, was_interrupted
from vivavoce.chassis.stored import Stored

RUNS_AT_CONFLICT = 20
RUNS_AT_INTERRUPTION = 2
COMMIT_TRIES = 3
FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.4
MOST_DOUBLINGS = 10

RESULT = TypeVar("RESULT")


async def in_transaction(
    client: AsyncMongoClient[Stored], work: Callable[[AsyncClientSession], Awaitable[RESULT]]
) -> RESULT:
    """Run `work` in a transaction over one snapshot, and commit it at a majority.

    Raises WriteConflict when it met others every time, InfrastructureAway when the database doesn't
    answer or left the outcome of the commit unknown.
    """
    runs = 0
    while True:
        runs += 1
        try:
            return await _run(client, work)
        except (WriteConflict, InfrastructureAway) as error:
            if not _worth_another_run(error, runs):
                raise
        await asyncio.sleep(_pause(runs))


async def _run(
    client: AsyncMongoClient[Stored], work: Callable[[AsyncClientSession], Awaitable[RESULT]]
) -> RESULT:
    with translated_errors():
        async with client.start_session() as session:
            await session.start_transaction(
                read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
            )
            result = await work(session)
            await _commit(session)
            return result


async def _commit(session: AsyncClientSession) -> None:
    """Commit; a commit of unknown outcome is asked for again, which the server recognizes."""
    tries = 0
    while True:
        tries += 1
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if tries == COMMIT_TRIES or not error.has_error_label(UNKNOWN_COMMIT):
                raise commit_error_of(error) from error
        else:
            return
        await asyncio.sleep(_pause(tries))


def _worth_another_run(error: VivaError, runs: int) -> bool:
    if isinstance(error, WriteConflict):
        return runs < RUNS_AT_CONFLICT
    return was_interrupted(error) and runs < RUNS_AT_INTERRUPTION


def _pause(tries: int) -> float:
    """Full jitter: those that met must not meet again."""
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries, MOST_DOUBLINGS)))
