"""Whole numbers for people to name things by: 1, 2, 3 in each organization, given once."""

from vivavoce.chassis.documents import Collection, Document
from vivavoce.chassis.uow import Database, UnitOfWork


class LastNumber(Document):
    """The last number that an organization has given to a kind of thing."""

    last: int


class Numbers:
    """Gives the next numbers, in the transaction of what they are given to.

    Transactions that take numbers of one kind meet at one document, so that one of them runs again. The
    first two of all may both insert it: use `transact_anew`.
    """

    def __init__(self, database: Database, kind: str) -> None:
        self._kind = kind
        self._numbers: Collection[LastNumber] = database.collection("last_numbers", LastNumber)

    async def take(self, count: int, uow: UnitOfWork) -> range:
        """The next `count` numbers of the unit of work's organization."""
        organization_id = uow.context.organization_id
        number_id = f"{self._kind}:{organization_id}"
        found = await self._numbers.get(organization_id, number_id, uow)
        last = found.last if found else 0
        taken = LastNumber(id=number_id, organization_id=organization_id, last=last + count)
        await (self._numbers.save if found else self._numbers.insert)(taken, uow)
        return range(last + 1, last + count + 1)
