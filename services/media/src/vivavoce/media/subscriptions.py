"""The table: which facts media takes, who handles each, and how long that may take."""

from datetime import timedelta

from vivavoce.chassis.subscriptions import Group, on, work
from vivavoce.contracts import RecordingIngested, RecordingRequested
from vivavoce.media.handlers import Handlers

QUICK = timedelta(seconds=30)
ANALYSIS_TRIES = 2


def subscriptions(handlers: Handlers, analysis: timedelta) -> tuple[Group, ...]:
    """Two groups: an analysis that takes up to `analysis` must not hold up requests."""
    return (
        Group("ingest", (on(RecordingRequested, handlers.request, within=QUICK),)),
        Group(
            "analysis",
            (
                work(
                    RecordingIngested,
                    handlers.analyse,
                    handlers.conclude,
                    within=analysis,
                    tries=ANALYSIS_TRIES,
                    failed=handlers.give_up,
                ),
            ),
        ),
    )
