"""One realistic example of every fact, to start a test from."""

from datetime import UTC, datetime

from vivavoce.contracts import (
    AnswerIntegrity,
    AnswerOutcome,
    ClaimCheck,
    Competency,
    CompetencyScore,
    CompetencyTotal,
    CriterionScore,
    DerivedScore,
    Evidence,
    Fact,
    IntegrityEvent,
    IntegrityKind,
    IntegrityReported,
    InterviewCompleted,
    InterviewStatus,
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
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
    ScoreGenerated,
    Severity,
    Stage,
    SubmittedAnswer,
    Versions,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INTERVIEW = "674a8f0000000000000000aa"
ANSWER = "674a8f0000000000000000b1"
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
QUOTE = Evidence(quote="we cut the queue from two hours to ten minutes", start=12.4, end=15.9)


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


def scored() -> ScoreGenerated:
    """One answer's score with its grounds."""
    criterion = CriterionScore(
        name="relevance",
        score=80.0,
        weight=0.5,
        contribution=40.0,
        explanation="Speaks to the question.",
        evidence=(QUOTE,),
    )
    return ScoreGenerated(
        interview_id=INTERVIEW,
        answer_id=ANSWER,
        question_id="q1",
        video_response_id="video-1",
        overall=78.5,
        confidence=0.8,
        criteria=(criterion,),
        competencies=(
            CompetencyScore(name="problem solving", weight=0.6, score=81.0, evidence=(QUOTE,)),
            CompetencyScore(name="teamwork", weight=0.4, score=None, reason=NullReason.NOT_TOUCHED),
        ),
        voice=(
            DerivedScore(
                name="speech_rate",
                value=142.0,
                unit="words per minute",
                formula="voice/1",
                inputs=("speech_rate",),
            ),
        ),
        face=(DerivedScore(name="eye_contact", value=72.0, unit="0-100", formula="face/1"),),
        feedback="Clear and concrete.",
        versions=Versions(judge="local/1", rubric="1", formulas="1", models={"embeddings": "minilm"}),
        scored_at=NOON,
    )


def completed() -> InterviewCompleted:
    """An interview that ended well."""
    outcome = AnswerOutcome(answer_id=ANSWER, question_id="q1", video_response_id="video-1", overall=78.5)
    return InterviewCompleted(
        interview_id=INTERVIEW,
        application_id="app-7",
        status=InterviewStatus.COMPLETED,
        overall=78.5,
        competencies=(
            CompetencyTotal(name="problem solving", weight=0.6, score=81.0),
            CompetencyTotal(name="teamwork", weight=0.4, score=None, reason=NullReason.NOT_TOUCHED),
        ),
        answers=(outcome,),
        integrity_band=RiskBand.ELEVATED,
        completed_at=NOON,
    )


def progress() -> PipelineProgress:
    """How far an answer has come."""
    return PipelineProgress(interview_id=INTERVIEW, answer_id=ANSWER, stage=Stage.ANALYSING, share=0.4)


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
        scored(),
        completed(),
        progress(),
    )
