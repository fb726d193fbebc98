"""Work for people who have no principal yet: they are about to sign in."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.uow import Database, UnitOfWork

RESULT = TypeVar("RESULT")
RUNS = 3


def context_for(organization_id: str) -> Context:
    """The context of the request being served, in an organization."""
    ids = request_ids()
    return Context(organization_id, ids.correlation_id, traceparent=ids.traceparent)


async def settle(
    database: Database, organization_id: str, work: Callable[[UnitOfWork], Awaitable[RESULT]]
) -> RESULT:
    """Run work in a transaction, and again when somebody else stored one of its documents first.

    That is for documents that are read, and stored whether or not they were there.
    """
    for _ in range(RUNS - 1):
        try:
            return await database.transact(context_for(organization_id), work)
        except AlreadyExists:
            continue
    return await database.transact(context_for(organization_id), work)
