"""A report shows what was scored, why, from which words, and why something is missing."""

from io import StringIO

from rich.console import Console, RenderableType

from vivavoce.cli.report import answer_report, interview_report
from vivavoce.cli.views import InterviewState, JobView

EVIDENCE = {"quote": "we rolled it back", "start": 3.2, "end": 4.6}
OBSERVABLE = {"name": "pause_share", "value": 0.25, "unit": "share", "start": 0.0, "end": 12.0}
RESULT = {
    "transcription": {"text": "First we rolled it back.", "duration": 12.0, "language": "en"},
    "voiceScores": {"clarity": 81.0, "confidence": 64.5, "speech_rate": 142.0},
    "faceScores": {"confidence": None, "engagement": None, "eye_contact": None},
    "evaluationResult": {
        "overallScore": 72.4,
        "feedback": "Names what was done. [bold]not markup[/bold]",
        "confidence": 0.8,
        "criteria": [
            {
                "name": "relevance",
                "score": 80,
                "weight": 0.4,
                "contribution": 32.0,
                "explanation": "Speaks to the question.",
                "evidence": [EVIDENCE, {"observable": OBSERVABLE}],
            }
        ],
    },
    "observables": [OBSERVABLE],
    "integrityBand": "elevated",
    "integrityEvents": [
        {"kind": "looking_away", "start": 5.0, "end": 9.5, "severity": "notice", "values": {"share": 0.9}}
    ],
    "reasons": {"faceScores.eye_contact": "no_visible_face"},
}
JOB = {"status": "success", "pipelineId": "p1", "questionId": "q1", "result": RESULT}
STATE = {
    "interviewRecordId": "i1",
    "status": "partial",
    "share": 1.0,
    "overallScore": 72.4,
    "integrityBand": "elevated",
    "competencies": [{"name": "teamwork", "weight": 0.5, "score": None}],
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


def test_a_score_stands_with_its_points_quotes_and_times() -> None:
    text = shown(answer_report(JobView.model_validate(JOB), "What broke?"))
    assert "72.4 (confidence 0.80)" in text
    assert "32.0" in text
    assert "3.2–4.6 s “we rolled it back”" in text
    assert "pause_share = 0.25 share" in text
    assert "142.0 words/min" in text


def test_integrity_events_stand_with_their_times_and_values() -> None:
    text = shown(answer_report(JobView.model_validate(JOB)))
    assert "Integrity: elevated" in text
    assert "looking_away" in text
    assert "5.0–9.5 s" in text
    assert "share=0.90" in text


def test_what_is_missing_has_its_reason() -> None:
    text = shown(answer_report(JobView.model_validate(JOB)))
    assert "no_visible_face" in text


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
    }
    text = shown(answer_report(JobView.model_validate(failed)))
    assert "too_long" in text
    assert "Shorten it." in text


def test_the_whole_interview_has_totals_competencies_and_answers() -> None:
    report = interview_report(
        InterviewState.model_validate(STATE), [JobView.model_validate(JOB)], {"q1": "What broke?"}
    )
    text = shown(report)
    assert "Interview i1: partial, overall 72.4, integrity elevated" in text
    assert "teamwork" in text
    assert text.count("q1 What broke?") == 2
    assert "too_long" in text
