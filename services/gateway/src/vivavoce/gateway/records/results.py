"""From what is stored to what the records family shows; pure."""

from collections.abc import Sequence

from vivavoce.contracts import DerivedScore, NullReason, PipelineProgress, RejectionReason, Stage
from vivavoce.gateway.interviews.repository import Answer, Interview
from vivavoce.gateway.interviews.rules import (
    STAGES,
    AnswerStatus,
    interview_status,
    overall_of,
    reason_of,
    share_done,
    shown_text,
    stage_of,
    status_of,
    text_reason_of,
)
from vivavoce.gateway.records.reasons import explain, messages
from vivavoce.gateway.records.result_schemas import (
    AnswerState,
    CompetencyState,
    EvaluationResult,
    FaceScores,
    InterviewState,
    JobFailed,
    JobIds,
    JobSucceeded,
    Result,
    Transcription,
    VoiceScores,
)
from vivavoce.gateway.records.schemas import Accepted, Pipeline

Reason = NullReason | RejectionReason
Numbers = dict[str, float | None]


def accepted(interview: Interview) -> Accepted:
    """The answer to a submission, and to its repeats."""
    pipelines = tuple(
        Pipeline(question_id=answer.question_id, pipeline_id=answer.answer_id)
        for answer in interview.submitted.answers
    )
    return Accepted(interview_record_id=interview.id, pipelines=pipelines, warnings=interview.warnings)


def job_result(answer: Answer, interview: Interview | None) -> JobSucceeded | JobFailed:
    """The result of an answer that is ready; its interview is needed unless the answer is whole."""
    if status_of(answer, interview) is AnswerStatus.FAILED:
        return _failed(answer, interview)
    return JobSucceeded(**_ids(answer), result=result_of(answer, interview))


def result_of(answer: Answer, interview: Interview | None) -> Result:
    """Everything known of an answer, with a reason for every null."""
    fallback = reason_of(answer, interview) or NullReason.UNAVAILABLE
    score = answer.score
    voice, voice_reasons = _numbers(score.voice if score else (), tuple(VoiceScores.model_fields), fallback)
    face, face_reasons = _numbers(score.face if score else (), tuple(FaceScores.model_fields), fallback)
    evaluation = _evaluation(answer, interview)
    reasons: dict[str, str | None] = {
        "transcription.text": text_reason_of(answer, interview),
        "transcription.duration": None if answer.features else fallback,
        **{f"voiceScores.{name}": reason for name, reason in voice_reasons.items()},
        **{f"faceScores.{name}": reason for name, reason in face_reasons.items()},
        "evaluationResult.overallScore": fallback if evaluation.overall_score is None else None,
        "integrityBand": answer.integrity.reason if answer.integrity else NullReason.UNAVAILABLE,
    }
    return Result(
        transcription=Transcription(
            text=shown_text(answer),
            duration=answer.features.duration if answer.features else None,
            language=answer.features.language if answer.features else None,
        ),
        voice_scores=VoiceScores(**voice),
        face_scores=FaceScores(**face),
        evaluation_result=evaluation,
        observables=answer.features.observables if answer.features else (),
        integrity_band=answer.integrity.band if answer.integrity else None,
        integrity_events=answer.integrity.events if answer.integrity else (),
        reasons={path: reason for path, reason in reasons.items() if reason is not None},
        messages=messages([*reasons.values(), *_other_reasons(answer)]),
        versions=score.versions if score else None,
    )


def interview_state(
    interview: Interview, answers: Sequence[Answer], progress: dict[str, PipelineProgress | None]
) -> InterviewState:
    """How far an interview has come, with what this instance has heard of progress."""
    states = tuple(_answer_state(answer, interview, progress.get(answer.id)) for answer in answers)
    end = interview.completion
    return InterviewState(
        interview_record_id=interview.id,
        application_id=interview.submitted.application_id,
        interview_id=interview.submitted.external_id,
        status=interview_status(interview),
        share=1.0 if end else share_done((state.stage, state.share) for state in states),
        submitted_at=interview.submitted_at,
        completed_at=end.completed_at if end else None,
        overall_score=end.overall if end else None,
        competencies=tuple(
            CompetencyState(**total.model_dump()) for total in (end.competencies if end else ())
        ),
        integrity_band=interview.integrity_band or (end.integrity_band if end else None),
        warnings=interview.warnings,
        answers=states,
        messages=messages(
            [*(state.reason for state in states), *(one.reason for one in (end.competencies if end else ()))]
        ),
    )


def progress_of(answer: Answer, interview: Interview, heard: PipelineProgress | None) -> tuple[Stage, float]:
    """An answer's stage and the share of it that is done: what is stored, or heard to be further."""
    stored = stage_of(answer, interview)
    if stored is Stage.ENDED:
        return stored, 1.0
    if heard is None or STAGES.index(heard.stage) < STAGES.index(stored):
        return stored, 0.0
    return heard.stage, heard.share


def _answer_state(answer: Answer, interview: Interview, heard: PipelineProgress | None) -> AnswerState:
    stage, share = progress_of(answer, interview, heard)
    return AnswerState(
        **_ids(answer),
        status=status_of(answer, interview),
        stage=stage,
        share=share,
        overall_score=overall_of(answer, interview),
        reason=reason_of(answer, interview),
    )


def _failed(answer: Answer, interview: Interview | None) -> JobFailed:
    reason = reason_of(answer, interview) or NullReason.UNAVAILABLE
    explanation = explain(reason)
    detail = answer.rejection.detail if answer.rejection else answer.score.detail if answer.score else None
    return JobFailed(
        **_ids(answer),
        reason=reason,
        message=explanation.message,
        advice=explanation.advice,
        detail=detail,
        integrity_band=answer.integrity.band if answer.integrity else None,
        versions=answer.score.versions if answer.score else None,
    )


def _evaluation(answer: Answer, interview: Interview | None) -> EvaluationResult:
    score = answer.score
    if score is None:
        return EvaluationResult(overall_score=overall_of(answer, interview), feedback=None)
    return EvaluationResult(
        overall_score=score.overall,
        feedback=score.feedback,
        confidence=score.confidence,
        detail=score.detail,
        criteria=score.criteria,
        competencies=score.competencies,
    )


def _other_reasons(answer: Answer) -> list[str | None]:
    observed = answer.features.observables if answer.features else ()
    competencies = answer.score.competencies if answer.score else ()
    return [*(one.reason for one in observed), *(one.reason for one in competencies)]


def _numbers(
    derived: Sequence[DerivedScore], names: tuple[str, ...], fallback: Reason
) -> tuple[Numbers, dict[str, Reason]]:
    known = {score.name: score for score in derived}
    values: Numbers = {}
    reasons: dict[str, Reason] = {}
    for name in names:
        score = known.get(name)
        values[name] = score.value if score else None
        if values[name] is None:
            reasons[name] = (score.reason if score else None) or fallback
    return values, reasons


def _ids(answer: Answer) -> dict[str, str]:
    return JobIds(
        interview_record_id=answer.interview_id,
        pipeline_id=answer.id,
        question_id=answer.question_id,
        video_response_id=answer.video_response_id,
    ).model_dump()
