"""From what is stored of answers to their GraphQL types; pure.

What a fact told is shown as it is: its values have the attributes that their GraphQL types declare, and
what a query doesn't ask for costs nothing.
"""

from typing import cast

import strawberry

from vivavoce.gateway.interviews.graphql_types import (
    AnswerType,
    IntegrityType,
    ObservableType,
    OverrideType,
    ScoreType,
    TranscriptType,
)
from vivavoce.gateway.interviews.repository import Answer, Interview
from vivavoce.gateway.interviews.rules import (
    overall_of,
    override_of,
    reason_of,
    shown_text,
    stage_of,
    status_of,
    text_reason_of,
)


def override_types(interview: Interview) -> list[OverrideType]:
    """What humans have said about an interview's scores, oldest first."""
    return [
        OverrideType(
            overall=each.overall,
            reason=each.reason,
            by=each.by,
            at=each.at,
            pipeline_id=None if each.answer_id is None else strawberry.ID(each.answer_id),
        )
        for each in interview.overrides
    ]


def answer_type(answer: Answer, interview: Interview) -> AnswerType:
    """A stored answer as GraphQL shows it."""
    features, override = answer.features, override_of(interview, answer.id)
    return AnswerType(
        id=strawberry.ID(answer.id),
        question_id=answer.question_id,
        question_text=answer.question_text,
        video_response_id=answer.video_response_id,
        status=status_of(answer, interview),
        stage=stage_of(answer, interview),
        reason=reason_of(answer, interview),
        transcript=TranscriptType(
            text=shown_text(answer),
            duration=features.duration if features else None,
            language=features.language if features else None,
            reason=text_reason_of(answer, interview),
        ),
        observables=cast("list[ObservableType]", features.observables if features else ()),
        overall_score=override.overall if override else overall_of(answer, interview),
        overrides=[each for each in override_types(interview) if each.pipeline_id == answer.id],
        score=cast("ScoreType | None", answer.score),
        integrity=cast("IntegrityType | None", answer.integrity),
    )
