"""What this instance has heard of the processes of all services: the latest report of each."""

from collections import OrderedDict
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.subscriptions import Received
from vivavoce.contracts import ServiceReported

MISSED_REPORTS = 3
MOST_PROCESSES = 500


class Heard:
    """Keeps what is said by `known` services, and forgets a process that misses three reports.

    Times are those of hearing, on the own clock: senders' clocks may differ.
    """

    def __init__(self, clock: Clock, known: frozenset[str]) -> None:
        self._clock = clock
        self._known = known
        self._latest: OrderedDict[tuple[str, str], tuple[datetime, ServiceReported]] = OrderedDict()

    async def hear(self, received: Received[ServiceReported]) -> None:
        """Note a report, as it comes off the broker; one of a service that isn't known is passed over."""
        report = received.fact
        if report.service not in self._known:
            return
        process = report.service, report.instance
        self._latest[process] = (self._clock.now(), report)
        self._latest.move_to_end(process)
        if len(self._latest) > MOST_PROCESSES:
            self._latest.popitem(last=False)

    def reports(self) -> list[ServiceReported]:
        """The latest report of each process that still reports."""
        now = self._clock.now()
        gone = [process for process, (at, report) in self._latest.items() if now - at > patience(report)]
        for process in gone:
            del self._latest[process]
        return [report for _, report in self._latest.values()]


def patience(report: ServiceReported) -> timedelta:
    """How long a process may be silent after a report."""
    return timedelta(seconds=MISSED_REPORTS * report.every_seconds)
