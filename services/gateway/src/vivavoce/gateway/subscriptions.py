"""The facts that the gateway reads: which projection, how long it may take."""

from datetime import timedelta

from vivavoce.chassis.broadcasts import Broadcast, broadcast
from vivavoce.chassis.subscriptions import Group, on, work
from vivavoce.contracts import (
    AccessChanged,
    AuditRecorded,
    IntegrityReported,
    InterviewCompleted,
    InterviewSubmitted,
    MediaFeatures,
    PipelineProgress,
    ProctoringFeatures,
    RecordingRejected,
    ScoreGenerated,
    ServiceReported,
)
from vivavoce.gateway.audit.keeping import Keeper
from vivavoce.gateway.auth.access import Access
from vivavoce.gateway.health.heard import Heard
from vivavoce.gateway.interviews.completions import Completions
from vivavoce.gateway.interviews.progress import ProgressBoard
from vivavoce.gateway.interviews.projections import Projections

SHORT = timedelta(seconds=10)
READING = timedelta(seconds=30)


def subscriptions(read_model: Projections, keeper: Keeper) -> tuple[Group, ...]:
    """One consumer: every projection is short."""
    ahead = read_model.read_ahead
    return (
        Group(
            "gateway",
            (
                on(InterviewSubmitted, read_model.interview_submitted, within=SHORT, ahead=ahead),
                work(
                    MediaFeatures,
                    read_model.read_transcript,
                    read_model.media_features,
                    within=READING,
                    failed=read_model.unreadable_transcript,
                    shares=True,
                    ahead=ahead,
                ),
                on(RecordingRejected, read_model.recording_rejected, within=SHORT, ahead=ahead),
                on(ProctoringFeatures, read_model.proctoring_features, within=SHORT, ahead=ahead),
                on(IntegrityReported, read_model.integrity_reported, within=SHORT, ahead=ahead),
                on(ScoreGenerated, read_model.score_generated, within=SHORT, ahead=ahead),
                on(InterviewCompleted, read_model.interview_completed, within=SHORT, ahead=ahead),
                on(AuditRecorded, keeper.keep, within=SHORT),
            ),
        ),
    )


def broadcasts(
    board: ProgressBoard, completions: Completions, access: Access, heard: Heard
) -> tuple[Broadcast, ...]:
    """What every instance hears, for its own streams and for what it remembers."""
    return (
        broadcast(PipelineProgress, board.hear),
        broadcast(MediaFeatures, board.hear_of),
        broadcast(RecordingRejected, board.hear_of),
        broadcast(ProctoringFeatures, board.hear_of),
        broadcast(IntegrityReported, board.hear_of),
        broadcast(ScoreGenerated, board.hear_of),
        broadcast(InterviewCompleted, completions.hear),
        broadcast(AccessChanged, access.hear),
        broadcast(ServiceReported, heard.hear),
    )
