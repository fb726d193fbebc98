"""What the notifier does with facts: store messages and deliveries, and nothing slower."""

from collections.abc import Callable, Sequence

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Fact
from vivavoce.notifier.dispatch import Dispatch
from vivavoce.notifier.errands import PAGE, fan_out_of
from vivavoce.notifier.messages import message_of
from vivavoce.notifier.retention import Retention
from vivavoce.notifier.tables import Tables


class Handlers:
    """Turns a public fact into one message, and one delivery per endpoint that wants it."""

    def __init__(
        self,
        tables: Tables,
        dispatch: Dispatch,
        retention: Retention,
        most_body_bytes: int,
        clock: Clock,
        wake_errands: Callable[[], None],
    ) -> None:
        self._tables = tables
        self._dispatch = dispatch
        self._retention = retention
        self._most_body_bytes = most_body_bytes
        self._clock = clock
        self._wake_errands = wake_errands

    async def read_ahead(self, received: Sequence[Received[Fact]], uow: UnitOfWork) -> None:
        """What several facts will ask for, at once."""
        await self._tables.messages.read_ahead([each.envelope.id for each in received], uow)
        pages = [
            await self._tables.active_endpoints(organization_id, "", PAGE, uow)
            for organization_id in sorted({each.envelope.organization_id for each in received})
        ]
        ids = [endpoint.id for page in pages for endpoint in page]
        await self._tables.standings.read_ahead(ids, uow)

    async def fan_out(self, received: Received[Fact], uow: UnitOfWork) -> None:
        """Store the message, whether or not anybody wants it yet, and the deliveries of it.

        Those of an organization's endpoints beyond the first page are left to an errand.
        """
        envelope = received.envelope
        if await self._tables.messages.get(envelope.organization_id, envelope.id, uow) is not None:
            return
        expires_at = await self._retention.expiry(envelope.organization_id, uow)
        message = message_of(envelope, received.fact, self._most_body_bytes, expires_at)
        await self._tables.messages.insert(message, uow)
        endpoints = await self._tables.active_endpoints(message.organization_id, "", PAGE, uow)
        await self._dispatch.to_all(message, endpoints, uow, is_new=True)
        if len(endpoints) == PAGE:
            errand = fan_out_of(message, endpoints[-1].id, self._clock.now())
            await self._tables.errands.save(errand, uow)
            uow.after_commit(self._wake_errands)
