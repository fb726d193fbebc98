"""The audit finds each kind of damage, and only that, in what was seen of a system."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.audit import audit
from tests.chaos.observed import (
    COMPLETED,
    SCORED,
    Answered,
    Letter,
    Listener,
    Observed,
    Poison,
    Submission,
    Told,
)

GOOD, BAD, INTERVIEW = "pipeline-good", "pipeline-bad", "interview"
TAKEN = Answered(202, INTERVIEW, (("q0", GOOD), ("q1", BAD)))
REPEATED = replace(TAKEN, status=200)
SAID = "We measured it before and after"
SUBMISSION = Submission("request", {"q0": True, "q1": False}, (TAKEN, REPEATED), {"q0": SAID})
STATE = {"status": "partial", "overallScore": 70.0}
RESULT = {"evaluationResult": {"overallScore": 70.0}, "transcription": {"text": f"{SAID}."}}
SUCCESS = {"status": "success", "result": RESULT}
FAILURE = {"status": "failed"}
GOOD_SCORE = Told("event-1", SCORED, {"answer_id": GOOD, "interview_id": INTERVIEW, "overall": 70.0})
BAD_SCORE = Told("event-2", SCORED, {"answer_id": BAD, "interview_id": INTERVIEW, "overall": None})
END = Told("event-3", COMPLETED, {"interview_id": INTERVIEW, "overall": 70.0, "status": "partial"})
EVENTS = (GOOD_SCORE, BAD_SCORE, END)
STEADY = Listener("steady", EVENTS, EVENTS)
POISON = Poison("poison-1", "subject", "not JSON", SCORED, ("gateway.gateway", "notifier.deliveries"), 10.0)
LETTERS = tuple(Letter(POISON.id, "subject", SCORED, group, "undecodable") for group in POISON.groups)
WHOLE = Observed(
    submissions=(SUBMISSION,),
    states={INTERVIEW: STATE},
    results={GOOD: (200, SUCCESS), BAD: (200, FAILURE)},
    listeners=(STEADY, replace(STEADY, name="first")),
    on_topics=EVENTS,
    outboxes={"gateway": 0.0},
    letters=LETTERS,
    poison=(POISON,),
)


def damaged(seen: Observed) -> dict[str, tuple[str, ...]]:
    return {finding.check: finding.damage for finding in audit(seen) if finding.damage}


def answered(*answers: Answered) -> Observed:
    return replace(WHOLE, submissions=(replace(SUBMISSION, answers=answers),))


def told(**changes: Any) -> Observed:
    return replace(WHOLE, listeners=(replace(STEADY, **changes),))


def results(**changes: tuple[int, Mapping[str, Any]]) -> Observed:
    return replace(
        WHOLE, results={**WHOLE.results, **{f"pipeline-{name}": one for name, one in changes.items()}}
    )


def test_a_whole_system_has_no_damage_and_everything_was_looked_at() -> None:
    assert damaged(WHOLE) == {}
    assert all(finding.looked_at for finding in audit(WHOLE))


DAMAGE = {
    "a repeat with other ids": (
        answered(TAKEN, replace(REPEATED, interview_id="another")),
        "submissions are taken on once, repeats get the same ids",
    ),
    "an interview taken on twice": (
        answered(TAKEN, TAKEN),
        "submissions are taken on once, repeats get the same ids",
    ),
    "a refused repeat": (
        answered(TAKEN, Answered(409)),
        "submissions are taken on once, repeats get the same ids",
    ),
    "an interview that goes on for ever": (
        replace(WHOLE, states={INTERVIEW: {**STATE, "status": "processing"}}),
        "interviews have ended",
    ),
    "a good interview that was hurt": (
        replace(WHOLE, states={INTERVIEW: {**STATE, "status": "failed"}}),
        "interviews ended as their recordings deserve",
    ),
    "a result that never comes": (results(good=(404, {})), "answers have their results"),
    "a good recording without a score": (results(good=(200, FAILURE)), "answers have their results"),
    "a bad recording with a score": (results(bad=(200, SUCCESS)), "answers have their results"),
    "a real recording with made-up words": (
        results(
            good=(200, {**SUCCESS, "result": {**RESULT, "transcription": {"text": "the queue the work"}}})
        ),
        "real recordings have their words",
    ),
    "a real recording without words": (
        results(good=(200, {**SUCCESS, "result": {**RESULT, "transcription": {"text": None}}})),
        "real recordings have their words",
    ),
    "a score told under two ids": (
        told(heard=(*EVENTS, replace(GOOD_SCORE, event_id="another"))),
        "scores and ends have one event id each",
    ),
    "a score on its topic under another id": (
        replace(WHOLE, on_topics=(replace(GOOD_SCORE, event_id="another"),)),
        "scores and ends have one event id each",
    ),
    "an event that a subscriber never accepted": (
        told(accepted=EVENTS[:2]),
        "subscribers were told of every score and end",
    ),
    "a wrong signature": (told(forged=1), "signatures are right"),
    "a score that is shown otherwise": (
        replace(WHOLE, on_topics=(replace(GOOD_SCORE, data={**GOOD_SCORE.data, "overall": 1.0}),)),
        "REST, topics and subscribers agree on scores",
    ),
    "a score of an unknown answer": (
        replace(WHOLE, on_topics=(replace(GOOD_SCORE, data={**GOOD_SCORE.data, "answer_id": "nobody"}),)),
        "REST, topics and subscribers agree on scores",
    ),
    "an end that is shown otherwise": (
        replace(WHOLE, on_topics=(replace(END, data={**END.data, "status": "failed"}),)),
        "REST, topics and subscribers agree on ends",
    ),
    "a row left in an outbox": (replace(WHOLE, outboxes={"media": 2.0}), "outboxes are empty"),
    "a service that doesn't tell": (replace(WHOLE, outboxes={"media": -1.0}), "outboxes are empty"),
    "a pending delivery": (told(pending=1), "no delivery is pending or failed"),
    "a failed delivery": (told(failed=1), "no delivery is pending or failed"),
    "poison that was dropped": (replace(WHOLE, letters=LETTERS[:1]), "dead letters are the poison"),
    "a dead letter that was no poison": (
        replace(WHOLE, letters=(*LETTERS, Letter(None, "x", SCORED, "gateway.gateway", "internal_error"))),
        "dead letters are the poison",
    ),
    "poison put aside by who doesn't read it": (
        replace(WHOLE, letters=(*LETTERS, replace(LETTERS[0], group="media.ingest"))),
        "dead letters are the poison",
    ),
    "a part that isn't ready": (replace(WHOLE, ready=False), "every part is ready"),
    "a system that takes on nothing more": (
        replace(WHOLE, afterwards="processing"),
        "an interview submitted afterwards completes",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found(name: str) -> None:
    seen, check = DAMAGE[name]
    assert check in damaged(seen)


def test_a_submission_that_nobody_took_on_is_damage() -> None:
    assert "submissions are taken on once, repeats get the same ids" in damaged(answered(Answered(400)))


def test_poison_from_before_the_broker_forgot_its_log_may_be_missing() -> None:
    assert damaged(replace(WHOLE, letters=(), forgot_at=11.0)) == {}


def test_poison_from_after_it_may_not() -> None:
    forgot = replace(WHOLE, letters=(), forgot_at=9.0)
    assert "dead letters are the poison" in damaged(forgot)


def test_the_same_dead_letter_may_come_twice() -> None:
    assert damaged(replace(WHOLE, letters=LETTERS + LETTERS)) == {}


def test_what_follows_from_poison_is_no_damage() -> None:
    followed = Letter(None, POISON.subject, "recording.rejected", "gateway.gateway", "not_found")
    assert damaged(replace(WHOLE, letters=(*LETTERS, followed))) == {}


def test_poison_that_the_broker_never_acknowledged_may_be_missing_or_not() -> None:
    unsure = (replace(POISON, taken_at=None),)
    assert damaged(replace(WHOLE, poison=unsure, letters=())) == {}
    assert damaged(replace(WHOLE, poison=unsure)) == {}
