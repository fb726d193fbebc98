"""The table: which facts evaluation takes, who handles each, and how long that may take."""

from datetime import timedelta

from vivavoce.chassis.subscriptions import Group, on, work
from vivavoce.contracts import (
    IntegrityReported,
    InterviewSubmitted,
    MediaFeatures,
    ProctoringFeatures,
    RecordingRejected,
)
from vivavoce.evaluation.handlers import Handlers

QUICK = timedelta(seconds=30)
JUDGING = timedelta(minutes=4)


def subscriptions(handlers: Handlers) -> tuple[Group, ...]:
    """Two groups: what may take minutes doesn't hold up what takes a moment."""
    return (
        Group(
            "settling",
            (
                on(RecordingRejected, handlers.reject, within=QUICK),
                on(ProctoringFeatures, handlers.note_band, within=QUICK),
                on(IntegrityReported, handlers.note_integrity, within=QUICK),
            ),
        ),
        Group(
            "judging",
            (
                work(
                    InterviewSubmitted,
                    handlers.judge_waiting,
                    handlers.open,
                    within=JUDGING,
                    failed=handlers.open_unjudged,
                ),
                work(
                    MediaFeatures, handlers.judge, handlers.conclude, within=JUDGING, failed=handlers.give_up
                ),
            ),
        ),
    )
