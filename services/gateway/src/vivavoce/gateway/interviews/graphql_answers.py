"""From what is stored of answers to their GraphQL types; pure."""

from collections.abc import Mapping, Sequence

import strawberry

from vivavoce.contracts import (
    DerivedScore,
    Evidence,
    IntegrityEvent,
    Observable,
    ProctoringFeatures,
    ScoreGenerated,
)
from vivavoce.gateway.interviews.graphql_types import (
    AnswerType,
    CompetencyScoreType,
    CriterionType,
    DerivedScoreType,
    EvidenceType,
    IntegrityEventType,
    IntegrityType,
    ModelVersionType,
    NamedValueType,
    ObservableType,
    OverrideType,
    ScoreType,
    TranscriptType,
    VersionsType,
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
        observables=[_observable(each) for each in (features.observables if features else ())],
        overall_score=override.overall if override else overall_of(answer, interview),
        overrides=[each for each in override_types(interview) if each.pipeline_id == answer.id],
        score=_score(answer.score) if answer.score else None,
        integrity=_integrity(answer.integrity) if answer.integrity else None,
    )


def integrity_event_type(event: IntegrityEvent) -> IntegrityEventType:
    """Something noticed as GraphQL shows it."""
    return IntegrityEventType(
        kind=event.kind,
        start=event.start,
        end=event.end,
        severity=event.severity,
        values=[NamedValueType(name=name, value=value) for name, value in sorted(event.values.items())],
    )


def _score(score: ScoreGenerated) -> ScoreType:
    return ScoreType(
        overall=score.overall,
        reason=score.reason,
        detail=score.detail,
        confidence=score.confidence,
        feedback=score.feedback,
        criteria=[
            CriterionType(
                name=each.name,
                score=each.score,
                weight=each.weight,
                contribution=each.contribution,
                explanation=each.explanation,
                evidence=_evidence(each.evidence),
            )
            for each in score.criteria
        ],
        competencies=[
            CompetencyScoreType(
                name=each.name,
                weight=each.weight,
                score=each.score,
                evidence=_evidence(each.evidence),
                reason=each.reason,
            )
            for each in score.competencies
        ],
        voice=_derived(score.voice),
        face=_derived(score.face),
        versions=VersionsType(
            judge=score.versions.judge,
            rubric=score.versions.rubric,
            formulas=score.versions.formulas,
            models=_models(score.versions.models),
        ),
    )


def _models(models: Mapping[str, str]) -> list[ModelVersionType]:
    return [ModelVersionType(name=name, version=version) for name, version in sorted(models.items())]


def _integrity(report: ProctoringFeatures) -> IntegrityType:
    events = [integrity_event_type(event) for event in report.events]
    return IntegrityType(band=report.band, reason=report.reason, events=events)


def _evidence(evidence: Sequence[Evidence]) -> list[EvidenceType]:
    return [
        EvidenceType(
            quote=each.quote,
            start=each.start,
            end=each.end,
            observable=_observable(each.observable) if each.observable else None,
        )
        for each in evidence
    ]


def _derived(scores: Sequence[DerivedScore]) -> list[DerivedScoreType]:
    return [DerivedScoreType(**{**dict(each), "inputs": list(each.inputs)}) for each in scores]


def _observable(observable: Observable) -> ObservableType:
    return ObservableType(**dict(observable))
