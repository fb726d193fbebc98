"""The table: which facts proctoring takes, who handles each, and how long that may take."""

from datetime import timedelta

from vivavoce.chassis.subscriptions import Group, on, work
from vivavoce.contracts import InterviewSubmitted, MediaFeatures, RecordingRejected
from vivavoce.proctoring.handlers import Handlers

QUICK = timedelta(seconds=30)
READING = timedelta(minutes=2)


def subscriptions(handlers: Handlers) -> tuple[Group, ...]:
    """One group: all of it is quick, and one consumer starts faster than three."""
    return (
        Group(
            "watching",
            (
                on(InterviewSubmitted, handlers.open, within=QUICK),
                on(RecordingRejected, handlers.reject, within=QUICK),
                work(
                    MediaFeatures,
                    handlers.assess,
                    handlers.conclude,
                    within=READING,
                    failed=handlers.give_up,
                    shares=True,
                ),
            ),
        ),
    )
