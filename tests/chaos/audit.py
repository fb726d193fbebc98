"""Judges what was seen from outside: each check names every damage that it finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.observed import COMPLETED, SCORED, Answered, Listener, Observed, Submission, Told
from tests.support.word_errors import word_error_rate

ENDS = ("completed", "partial", "failed")
MISHEARD = 0.2
"""Share of what was said that may be heard otherwise."""
Subject = tuple[str, str]


@dataclass(frozen=True)
class Finding:
    """What one check looked at, and what it found damaged."""

    check: str
    looked_at: int
    damage: tuple[str, ...]


Check = Callable[[Observed], tuple[int, Iterable[str]]]


def audit(seen: Observed) -> tuple[Finding, ...]:
    """Every check's finding; the system is whole when none has any damage."""
    findings = ((name, *check(seen)) for name, check in CHECKS.items())
    return tuple(Finding(name, count, tuple(damage)) for name, count, damage in findings)


def expected_events(seen: Observed) -> frozenset[Subject]:
    """The public events that every subscriber must be told: one a pipeline, one an interview."""
    taken = [submission.accepted for submission in seen.submissions if submission.accepted]
    scores = {(SCORED, pipeline) for answer in taken for _, pipeline in answer.pipelines}
    return frozenset(scores | {(COMPLETED, answer.interview_id) for answer in taken})


def missing_letters(seen: Observed) -> list[tuple[str, str, str]]:
    """Poison that must lie among the dead letters and doesn't: its kind, topic and group.

    What was put in before the broker last forgot its log may have been lost before it was read.
    """
    found = {(letter.poison, letter.group) for letter in seen.letters}
    forgot_at = seen.forgot_at or 0.0
    return [
        (one.kind, one.topic, group)
        for one in seen.poison
        if one.taken_at is not None and one.taken_at > forgot_at
        for group in one.groups
        if (one.id, group) not in found
    ]


def _submissions(seen: Observed) -> tuple[int, Iterable[str]]:
    def damage() -> Iterator[str]:
        for one in seen.submissions:
            taken = {(answer.interview_id, answer.pipelines) for answer in one.answers}
            statuses = [answer.status for answer in one.answers]
            if one.accepted is None:
                yield f"{one.request_id} was not taken on: {statuses}"
            elif len(taken) > 1 or statuses.count(202) > 1 or set(statuses) - {200, 202}:
                yield f"{one.request_id} was answered {statuses} with {len(taken)} sets of ids"

    return sum(len(one.answers) for one in seen.submissions), damage()


def _accepted(seen: Observed) -> list[tuple[Submission, Answered]]:
    return [(one, one.accepted) for one in seen.submissions if one.accepted is not None]


def _ends(seen: Observed) -> tuple[int, Iterable[str]]:
    known = _accepted(seen)

    def damage() -> Iterator[str]:
        for _, answer in known:
            status = seen.states.get(answer.interview_id, {}).get("status")
            if status not in ENDS:
                yield f"interview {answer.interview_id} has not ended: {status}"

    return len(known), damage()


def _hurt(seen: Observed) -> tuple[int, Iterable[str]]:
    """Good recordings that have no score, and interviews that ended otherwise than their recordings say."""
    known = _accepted(seen)

    def damage() -> Iterator[str]:
        for submission, answer in known:
            state = seen.states.get(answer.interview_id, {})
            if state.get("status") in ENDS and state["status"] != submission.expected:
                reasons = {one["questionId"]: one.get("reason") for one in state.get("answers", ())}
                wanted = submission.expected
                yield f"interview {answer.interview_id} is {state['status']}, not {wanted}: {reasons}"

    return len(known), damage()


def _results(seen: Observed) -> tuple[int, Iterable[str]]:
    known = [(one, *pair) for one, answer in _accepted(seen) for pair in answer.pipelines]

    def damage() -> Iterator[str]:
        for submission, question, pipeline in known:
            status, body = seen.results.get(pipeline, (0, {}))
            good = submission.good[question]
            if status != 200:
                yield f"the result of {pipeline} is answered {status}"
            elif (overall_of(body) is not None) != good or (body.get("status") == "failed") == good:
                recording = "good" if good else "bad"
                yield f"the result of {pipeline}, a {recording} one, is {body.get('status')}"

    return len(known), damage()


def overall_of(result: Mapping[str, Any]) -> float | None:
    """The score in a job result; None without one."""
    overall = ((result.get("result") or {}).get("evaluationResult") or {}).get("overallScore")
    return None if overall is None else float(overall)


def _heard(seen: Observed) -> tuple[int, Iterable[str]]:
    known = [
        (pipeline, submission.said[question])
        for submission, answer in _accepted(seen)
        for question, pipeline in answer.pipelines
        if question in submission.said
    ]

    def damage() -> Iterator[str]:
        for pipeline, said in known:
            result = seen.results.get(pipeline, (0, {}))[1].get("result") or {}
            text = (result.get("transcription") or {}).get("text") or ""
            if word_error_rate(said, text) > MISHEARD:
                yield f"in {pipeline} was heard {text!r}, and {said!r} was said"

    return len(known), damage()


def _one_id(seen: Observed) -> tuple[int, Iterable[str]]:
    """Every score and every end has one event id, on topics and at all subscribers."""
    ids: dict[Subject, set[str]] = {}
    for told in (*seen.on_topics, *(told for one in seen.listeners for told in one.heard)):
        ids.setdefault(told.subject, set()).add(told.event_id)
    doubled = (f"{subject} has {len(found)} event ids" for subject, found in ids.items() if len(found) > 1)
    return len(ids), doubled


def _told(seen: Observed) -> tuple[int, Iterable[str]]:
    expected = expected_events(seen)

    def damage() -> Iterator[str]:
        for listener in seen.listeners:
            for subject in sorted(expected - {told.subject for told in listener.accepted}):
                yield f"{listener.name} was never told of {subject}"

    return len(expected) * len(seen.listeners), damage()


def _signatures(seen: Observed) -> tuple[int, Iterable[str]]:
    wrong = (f"{one.name} got {one.forged} wrong signatures" for one in seen.listeners if one.forged)
    return sum(len(listener.heard) for listener in seen.listeners), wrong


def _agreement(seen: Observed) -> tuple[int, Iterable[str]]:
    """What REST shows, what topics hold and what subscribers were told is the same."""
    said = (*seen.on_topics, *(told for one in seen.listeners for told in one.accepted))

    def damage() -> Iterator[str]:
        for told in said:
            kind, subject = told.subject
            if kind == SCORED and subject in seen.results:
                shown = overall_of(seen.results[subject][1])
            elif kind == COMPLETED and subject in seen.states:
                shown = seen.states[subject].get("overallScore")
            else:
                yield f"nobody knows the {kind} of {subject}"
                continue
            if shown != told.data["overall"]:
                yield f"the {kind} of {subject} is shown as {shown} and was told as {told.data['overall']}"

    return len(said), sorted(set(damage()))


def _statuses(seen: Observed) -> tuple[int, Iterable[str]]:
    said = [told for one in (seen.on_topics, *map(_accepted_by, seen.listeners)) for told in one]
    ends = [told for told in said if told.type == COMPLETED]
    wrong = {
        f"interview {told.subject[1]} was told as {told.data['status']}"
        for told in ends
        if told.data["status"] != seen.states.get(told.subject[1], {}).get("status")
    }
    return len(ends), sorted(wrong)


def _accepted_by(listener: Listener) -> tuple[Told, ...]:
    return listener.accepted


def _outboxes(seen: Observed) -> tuple[int, Iterable[str]]:
    waiting = (f"{rows:.0f} rows wait in {name}'s outbox" for name, rows in seen.outboxes.items() if rows)
    return len(seen.outboxes), waiting


def _deliveries(seen: Observed) -> tuple[int, Iterable[str]]:
    left = (
        f"{one.name} has {one.pending} deliveries pending and {one.failed} failed"
        for one in seen.listeners
        if one.pending or one.failed
    )
    return len(seen.listeners), left


def _letters(seen: Observed) -> tuple[int, Iterable[str]]:
    known = {(one.id, group) for one in seen.poison for group in one.groups}
    subjects = {one.subject for one in seen.poison}

    def damage() -> Iterator[str]:
        for kind, topic, group in missing_letters(seen):
            yield f"{kind} on {topic} was not put aside by {group}"
        for letter in seen.letters:
            followed = letter.poison is None and letter.key in subjects
            if (letter.poison, letter.group) not in known and not followed:
                yield f"{letter.group} gave up a message on {letter.topic}: {letter.error}"

    return len(seen.letters), damage()


def _health(seen: Observed) -> tuple[int, Iterable[str]]:
    return 1, () if seen.ready else ("not every part is ready",)


def _afterwards(seen: Observed) -> tuple[int, Iterable[str]]:
    ended = seen.afterwards == "completed"
    return 1, () if ended else (f"an interview submitted afterwards is {seen.afterwards}",)


CHECKS: Mapping[str, Check] = {
    "submissions are taken on once, repeats get the same ids": _submissions,
    "interviews have ended": _ends,
    "interviews ended as their recordings deserve": _hurt,
    "answers have their results": _results,
    "real recordings have their words": _heard,
    "scores and ends have one event id each": _one_id,
    "subscribers were told of every score and end": _told,
    "signatures are right": _signatures,
    "REST, topics and subscribers agree on scores": _agreement,
    "REST, topics and subscribers agree on ends": _statuses,
    "outboxes are empty": _outboxes,
    "no delivery is pending or failed": _deliveries,
    "dead letters are the poison": _letters,
    "every part is ready": _health,
    "an interview submitted afterwards completes": _afterwards,
}
