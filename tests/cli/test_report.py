"""A report shows what was scored, why, from which words, and why something is missing."""

from io import StringIO
from typing import Any

from rich.console import Console, RenderableType

from vivavoce.cli.report import NOT_COUNTED, answer_report, interview_report
from vivavoce.cli.report_words import KINDS
from vivavoce.cli.views import InterviewState, JobView
from vivavoce.contracts import IntegrityKind

EVIDENCE = {"quote": "we rolled it back", "start": 3.2, "end": 4.6}
VERSIONS = {"judge": "local-1", "rubric": "r-2", "formulas": "f-1", "models": {"tiny.en": "3"}}
OBSERVABLE = {"name": "pause_share", "value": 0.25, "unit": "share", "start": 0.0, "end": 12.0}
VALUES = {"seconds": 4.52, "samples": 23.0}
RESULT: dict[str, Any] = {
    "transcription": {"text": "First we rolled it back.", "duration": 12.0, "language": "en"},
    "voiceScores": {"clarity": 81.0, "confidence": 64.5, "speech_rate": 142.0},
    "faceScores": {"confidence": None, "engagement": None, "eye_contact": None},
    "evaluationResult": {
        "overallScore": 72.4,
        "feedback": "Names what was done. [bold]not markup[/bold]",
        "confidence": 0.8,
        "detail": "The answer is nearer to another question.",
        "competencies": [
            {"name": "teamwork", "weight": 0.355, "score": 61.0, "evidence": [EVIDENCE]},
            {"name": "planning", "weight": 0.645, "score": None, "reason": "not_touched"},
        ],
        "criteria": [
            {
                "name": "relevance",
                "score": 80,
                "weight": 0.333,
                "contribution": 32.0,
                "explanation": "Speaks to the question.",
                "evidence": [EVIDENCE, {"observable": OBSERVABLE}],
            }
        ],
    },
    "observables": [OBSERVABLE],
    "integrityBand": "elevated",
    "integrityEvents": [
        {"kind": "looking_away", "start": 5.0, "end": 9.5, "severity": "notice", "values": VALUES}
    ],
    "reasons": {"faceScores.eye_contact": "no_visible_face"},
    "messages": {"no_visible_face": "No face can be seen."},
    "versions": VERSIONS,
}
JOB = {"status": "success", "pipelineId": "p1", "questionId": "q1", "result": RESULT}
STATE = {
    "interviewRecordId": "i1",
    "status": "partial",
    "share": 1.0,
    "overallScore": 72.4,
    "integrityBand": "elevated",
    "competencies": [{"name": "teamwork", "weight": 0.5, "score": None, "reason": "not_touched"}],
    "messages": {"too_long": "The recording is longer than is accepted."},
    "answers": [
        {
            "pipelineId": "p1",
            "questionId": "q1",
            "status": "success",
            "stage": "ended",
            "share": 1.0,
            "overallScore": 72.4,
        },
        {
            "pipelineId": "p2",
            "questionId": "q2",
            "status": "failed",
            "stage": "ended",
            "share": 1.0,
            "reason": "too_long",
        },
    ],
}


def shown(report: RenderableType) -> str:
    out = StringIO()
    Console(file=out, width=200).print(report)
    return out.getvalue()


def changed(**changes: object) -> RenderableType:
    """The report of the answer with parts of its result changed."""
    return answer_report(JobView.model_validate({**JOB, "result": {**RESULT, **changes}}))


def test_a_score_stands_with_its_points_quotes_and_times() -> None:
    text = shown(answer_report(JobView.model_validate(JOB), "What broke?"))
    assert "72.4 (reliability of this score: 0.80 of 1)" in text
    assert "33.3%" in text
    assert "32.0" in text
    assert "3.2–4.6 s “we rolled it back”" in text
    assert "pause_share = 0.25 share" in text
    assert "142.0 words/min" in text


def test_integrity_events_stand_with_their_times_and_values() -> None:
    text = shown(answer_report(JobView.model_validate(JOB)))
    assert "Integrity: elevated" in text
    assert "looking_away" in text
    assert "5.0–9.5 s" in text
    assert "looking away from the camera (looking_away)" in text
    assert "seconds 4.52, samples 23 " in text
    assert "Integrity: elevated. A finding for a person to look at; it changes no score." in text


def test_what_is_missing_has_its_reason() -> None:
    text = shown(answer_report(JobView.model_validate(JOB)))
    assert "no_visible_face: No face can be seen." in text


def test_what_the_answer_shows_of_each_competency_stands_with_its_grounds_or_the_reason() -> None:
    (row,) = [
        line for line in shown(answer_report(JobView.model_validate(JOB))).splitlines() if "teamw" in line
    ]
    assert "35.5%" in row
    assert "61.0" in row
    assert "“we rolled it back”" in row
    assert "not_touched" in shown(answer_report(JobView.model_validate(JOB)))


def test_a_silent_answer_is_not_quoted_but_said_to_have_no_words() -> None:
    silent = {"text": "", "duration": 12.0, "language": None}
    text = shown(changed(transcription=silent))
    assert "no words were heard" in text
    assert "“”" not in text


def test_an_answer_that_touches_no_competency_has_a_line_that_says_so() -> None:
    untouched = {"name": "planning", "weight": 1, "score": None, "reason": "not_touched"}
    text = shown(changed(evaluationResult={**RESULT["evaluationResult"], "competencies": [untouched]}))
    assert "Nothing that the position asks for was heard. Asked for: planning." in text


def test_a_note_and_the_versions_stand_with_the_result() -> None:
    text = shown(answer_report(JobView.model_validate(JOB)))
    assert "Note: The answer is nearer to another question." in text
    assert "judge local-1, rubric r-2, formulas f-1; models: tiny.en 3" in text


def test_voice_and_face_are_said_not_to_count_and_not_to_tell_how_sure_a_person_is() -> None:
    assert NOT_COUNTED in shown(answer_report(JobView.model_validate(JOB)))


def test_counts_are_whole_and_a_measure_at_its_limit_says_so() -> None:
    pauses = {"name": "pause_count", "value": 3.0, "unit": "count"}
    noise = {"name": "signal_to_noise", "value": 60.0, "unit": "dB"}
    text = shown(changed(observables=[pauses, noise]))
    (count,) = [line for line in text.splitlines() if "pause_count" in line]
    (limit,) = [line for line in text.splitlines() if "signal_to_noise" in line]
    assert " 3 " in count
    assert "≥ 60 " in limit


def test_a_table_has_no_empty_column() -> None:
    pauses = {"name": "pause_count", "value": 3.0, "unit": "count", "start": 0.0, "end": 1.0}
    text = shown(changed(observables=[pauses], reasons={}, evaluationResult={"overallScore": 1.0}))
    assert "observable" in text
    assert "reason" not in text


def test_every_kind_of_integrity_event_has_words() -> None:
    assert KINDS.keys() == set(IntegrityKind)


def test_integrity_that_could_not_be_had_is_not_called_clean() -> None:
    result = {
        **RESULT,
        "integrityBand": "unavailable",
        "integrityEvents": [],
        "reasons": {"integrityBand": "no_video"},
    }
    text = shown(answer_report(JobView.model_validate({**JOB, "result": result})))
    assert "Integrity: unavailable (no_video)" in text
    assert "nothing noticed" not in text


def test_texts_from_outside_are_not_read_as_markup_nor_as_terminal_codes() -> None:
    text = shown(answer_report(JobView.model_validate(JOB), "a \x1b[2J question"))
    assert "[bold]not markup[/bold]" in text
    assert "\x1b" not in text


def test_a_failed_answer_says_why_and_what_to_do() -> None:
    failed = {
        "status": "failed",
        "pipelineId": "p2",
        "questionId": "q2",
        "reason": "too_long",
        "message": "The recording is longer than is accepted.",
        "advice": "Shorten it.",
        "detail": "It has 71 minutes.",
        "versions": VERSIONS,
    }
    text = shown(answer_report(JobView.model_validate(failed)))
    assert "too_long" in text
    assert "Shorten it." in text
    assert "It has 71 minutes." in text
    assert "rubric r-2" in text


def test_the_whole_interview_has_totals_competencies_and_answers() -> None:
    report = interview_report(
        InterviewState.model_validate(STATE), [JobView.model_validate(JOB)], {"q1": "What broke?"}
    )
    text = shown(report)
    assert "Interview i1: partial, overall 72.4 over 1 of 2 answers, integrity elevated" in text
    assert "Integrity: A finding for a person to look at; it changes no score." in text
    assert "not_touched" in text
    assert "teamwork" in text
    assert text.count("q1 What broke?") == 2
    assert "too_long" in text
    assert "too_long: The recording is longer than is accepted." in text
