"""One realistic example of every fact, to start a test from."""

from datetime import timedelta

from vivavoce.contracts import (
    EXAMPLES,
    AccessChanged,
    AccessKind,
    Actor,
    AnswerIntegrity,
    AuditAction,
    AuditRecorded,
    Circuit,
    CircuitState,
    ClaimCheck,
    Competency,
    Fact,
    IntegrityEvent,
    IntegrityKind,
    IntegrityReported,
    InterviewSubmitted,
    JobFollowed,
    JobProgressed,
    JobStatus,
    MediaFeatures,
    Observable,
    PipelineProgress,
    Position,
    Probe,
    ProctoringFeatures,
    RecordingIngested,
    RecordingRejected,
    RecordingRequested,
    RejectionReason,
    RiskBand,
    ServiceReported,
    Severity,
    Stage,
    SubmittedAnswer,
)
from vivavoce.contracts.examples import ANSWER, INTERVIEW, NOON, QUOTE, completed, scored

__all__ = ["ANSWER", "INTERVIEW", "NOON", "QUOTE", "completed", "scored"]

JOB = "550e8400-e29b-41d4-a716-446655440000"
SPEECH_RATE = Observable(name="speech_rate", value=142.0, unit="words per minute", start=0.4, end=58.2)
RECORDING = ClaimCheck(
    key="recordings/9f86d0", size=1_048_576, sha256="9f86d0" + "0" * 58, media_type="video/mp4"
)
TRANSCRIPT = ClaimCheck(
    key="analyses/b1/transcript.json", size=4096, sha256="1a" * 32, media_type="application/json"
)
FACE_TRACK = ClaimCheck(
    key="analyses/b1/face-track.json", size=65_536, sha256="2b" * 32, media_type="application/json"
)


def submitted() -> InterviewSubmitted:
    """An accepted interview of one answer."""
    return InterviewSubmitted(
        interview_id=INTERVIEW,
        application_id="app-7",
        external_id="int-7",
        position=Position(
            id="pos-1",
            title="Data engineer",
            competencies=(
                Competency(name="problem solving", weight=0.6),
                Competency(name="teamwork", weight=0.4),
            ),
        ),
        answers=(
            SubmittedAnswer(
                answer_id=ANSWER,
                question_id="q1",
                question_text="Tell us about a slow system that you made fast.",
                video_response_id="video-1",
            ),
        ),
        masked_terms=("Ada", "Example"),
        submitted_at=NOON,
    )


def requested() -> RecordingRequested:
    """A recording to be fetched."""
    return RecordingRequested(
        interview_id=INTERVIEW, answer_id=ANSWER, url="https://media.example/answer.mp4"
    )


def ingested() -> RecordingIngested:
    """A recording that was fetched and stored."""
    probe = Probe(
        duration=60.0,
        container="mov,mp4",
        video_codec="h264",
        width=848,
        height=480,
        frame_rate=25.0,
        audio_codec="aac",
        sample_rate=48_000,
        channels=2,
    )
    return RecordingIngested(interview_id=INTERVIEW, answer_id=ANSWER, recording=RECORDING, probe=probe)


def rejected() -> RecordingRejected:
    """A recording that can't be used."""
    return RecordingRejected(
        interview_id=INTERVIEW,
        answer_id=ANSWER,
        reason=RejectionReason.NOT_FOUND,
        detail="The server answered 404; check the address.",
    )


def features() -> MediaFeatures:
    """What was measured in an answer."""
    return MediaFeatures(
        interview_id=INTERVIEW,
        answer_id=ANSWER,
        duration=60.0,
        language="en",
        transcript=TRANSCRIPT,
        face_track=FACE_TRACK,
        observables=(SPEECH_RATE,),
        models={"asr": "tiny.en"},
    )


def proctored() -> ProctoringFeatures:
    """One answer's integrity events."""
    event = IntegrityEvent(
        kind=IntegrityKind.LOOKING_AWAY,
        start=20.2,
        end=33.0,
        severity=Severity.NOTICE,
        values={"seconds": 12.8, "away_share": 0.97},
    )
    return ProctoringFeatures(
        interview_id=INTERVIEW, answer_id=ANSWER, band=RiskBand.ELEVATED, events=(event,), rules_version="1"
    )


def reported() -> IntegrityReported:
    """An interview's integrity report."""
    answer = AnswerIntegrity(answer_id=ANSWER, band=RiskBand.ELEVATED, event_count=1)
    return IntegrityReported(
        interview_id=INTERVIEW, band=RiskBand.ELEVATED, answers=(answer,), rules_version="1"
    )


def progress() -> PipelineProgress:
    """How far an answer has come."""
    return PipelineProgress(interview_id=INTERVIEW, answer_id=ANSWER, stage=Stage.ANALYSING, share=0.4)


def followed() -> JobFollowed:
    """Somebody wants to be told of a job."""
    return JobFollowed(job_id=JOB, notification_url="https://your-app.com/job-status")


def progressed() -> JobProgressed:
    """A job is on its way."""
    return JobProgressed(
        job_id=JOB, sequence=1, status=JobStatus.PROCESSING, message="Reading the position.", at=NOON
    )


def audited() -> AuditRecorded:
    """Somebody has given a webhook a new secret."""
    return AuditRecorded(
        action=AuditAction.WEBHOOK_ROTATE,
        object_id="7b6f4c1e-0d0c-5a4e-9a53-6c8a2a4fb3d4",
        actor=Actor(id="user-1", kind="user", role="admin", origin="203.0.113.0/24"),
        before="3c" * 32,
        after="4d" * 32,
    )


def access_changed() -> AccessChanged:
    """An API key that was revoked."""
    return AccessChanged(organization_id="org_acme", kind=AccessKind.API_KEY, id="0f3a9c2b7d41")


def service_reported() -> ServiceReported:
    """A process whose provider is left alone."""
    circuit = Circuit(
        provider="groq", state=CircuitState.OPEN, since=NOON, failures=5, until=NOON + timedelta(seconds=30)
    )
    return ServiceReported(
        service="evaluation", instance="evaluation-1", ready=True, circuits=(circuit,), every_seconds=10
    )


def one_of_each() -> tuple[Fact, ...]:
    """Every fact of the contracts, once."""
    return (
        submitted(),
        requested(),
        ingested(),
        rejected(),
        features(),
        proctored(),
        reported(),
        progress(),
        followed(),
        progressed(),
        audited(),
        access_changed(),
        service_reported(),
        *EXAMPLES.values(),
    )
