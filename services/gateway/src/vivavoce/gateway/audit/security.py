"""Attempts that were refused and are worth keeping, so few of each principal that nobody floods the log."""

from collections import OrderedDict
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.contracts import NOBODY_KNOWN, AuditAction
from vivavoce.contracts.ids import derived_id
from vivavoce.gateway.audit.log import AuditLog

MOST_PER_MINUTE = 5
MOST_REMEMBERED = 10_000
OBJECT_CHARACTERS = 200

log = get_logger(__name__)


class SecurityLog:
    """Records refusals in the audit log, at most `MOST_PER_MINUTE` of a principal in a minute.

    Whoever has not signed in counts as the network that they come from. The bound holds over all
    instances: each of the few has an id of its own, made of whose it is, the minute and its number, which
    is stored once.
    """

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    async def refused(self, context: Context, action: AuditAction, attempted: str) -> None:
        """Record that the context's actor was refused something, unless that was often enough.

        Never fails: whoever is refused gets the refusal, whatever the database does.
        """
        minute = _minute(self._clock.now())
        while (number := self._next(context, minute)) < MOST_PER_MINUTE:
            entry_id = derived_id(*_subject(context, minute), str(number))
            try:
                await self._audit.note(context, action, attempted[:OBJECT_CHARACTERS], entry_id=entry_id)
            except AlreadyExists:
                continue
            except VivaError as error:
                log.warning("refusal_not_recorded", action=action.value, error=error.code)
            return

    def _next(self, context: Context, minute: str) -> int:
        subject = _subject(context, minute)
        number = self._counts.pop(subject, 0)
        self._counts[subject] = number + 1
        if len(self._counts) > MOST_REMEMBERED:
            self._counts.popitem(last=False)
        return number


def _subject(context: Context, minute: str) -> tuple[str, str, str]:
    actor = context.actor or NOBODY_KNOWN
    who = actor.origin or "" if actor.id == NOBODY_KNOWN.id else actor.id
    return context.organization_id, who, minute


def _minute(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M")
