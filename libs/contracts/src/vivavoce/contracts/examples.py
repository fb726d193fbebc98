"""An example of every public fact: what a subscriber can look at before the first one happens."""

from datetime import UTC, datetime, timedelta

from vivavoce.contracts.fact import Fact
from vivavoce.contracts.features import NullReason
from vivavoce.contracts.interviews import AnswerOutcome, CompetencyTotal, InterviewCompleted, InterviewStatus
from vivavoce.contracts.proctoring import RiskBand
from vivavoce.contracts.scores import (
    CompetencyScore,
    CriterionScore,
    DerivedScore,
    Evidence,
    ScoreGenerated,
    Versions,
)
from vivavoce.contracts.webhook_events import (
    WebhookDisabled,
    WebhookExhausted,
    WebhookFailing,
    WebhookRecovered,
)
from vivavoce.contracts.webhooks import DisabledReason

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INTERVIEW = "674a8f0000000000000000aa"
ANSWER = "674a8f0000000000000000b1"
ENDPOINT = "7b6f4c1e-0d0c-5a4e-9a53-6c8a2a4fb3d4"
URL = "https://your-app.com/webhook"
REFUSED = "the endpoint answered 500"
QUOTE = Evidence(quote="we cut the queue from two hours to ten minutes", start=12.4, end=15.9)


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


def disabled() -> WebhookDisabled:
    """An endpoint that failed for days."""
    return WebhookDisabled(
        endpoint_id=ENDPOINT,
        url=URL,
        reason=DisabledReason.FAILING,
        detail=REFUSED,
        failing_since=NOON - timedelta(days=5),
        disabled_at=NOON,
    )


def failing() -> WebhookFailing:
    """An endpoint whose attempts pause for half a minute."""
    return WebhookFailing(
        endpoint_id=ENDPOINT,
        url=URL,
        detail=REFUSED,
        failing_since=NOON - timedelta(minutes=5),
        resumes_at=NOON + timedelta(seconds=30),
    )


def recovered() -> WebhookRecovered:
    """An endpoint that is back after an hour."""
    return WebhookRecovered(
        endpoint_id=ENDPOINT, url=URL, failing_since=NOON - timedelta(hours=1), recovered_at=NOON
    )


def exhausted() -> WebhookExhausted:
    """A delivery that was tried for three days."""
    return WebhookExhausted(
        endpoint_id=ENDPOINT,
        url=URL,
        delivery_id="0c9b3a52-6d0f-5a53-9d3e-1f6f7a0c2b11",
        event_id="5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4",
        event_type=ScoreGenerated.type,
        attempts=10,
        detail=REFUSED,
        ended_at=NOON,
    )


EXAMPLES: dict[str, Fact] = {
    fact.type: fact for fact in (scored(), completed(), disabled(), failing(), recovered(), exhausted())
}
"""By the fact's type; a test holds it to every public fact of the contracts."""
