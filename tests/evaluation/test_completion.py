"""How an interview's competencies end: with a number, or with why there is none."""

from datetime import timedelta

from tests.support import facts
from vivavoce.contracts import InterviewCompleted, NullReason, RejectionReason
from vivavoce.evaluation.completion import closed, closed_at_deadline
from vivavoce.evaluation.interview import Interview, opened, with_integrity, with_rejection, with_score
from vivavoce.evaluation.scoring import Stamp

STAMP = Stamp(facts.scored().versions, facts.NOON)


def an_interview() -> Interview:
    """An interview of one answer, which is asked to show problem solving and teamwork."""
    empty = Interview(id=facts.INTERVIEW, organization_id="org")
    return opened(empty, facts.submitted(), facts.NOON + timedelta(hours=2), "c", STAMP)


def reasons(completed: InterviewCompleted | None) -> dict[str, object]:
    assert completed is not None
    return {one.name: one.reason for one in completed.competencies}


def test_a_competency_that_no_answer_touched_says_so() -> None:
    scored = with_integrity(with_score(an_interview(), facts.scored()), facts.reported())
    ended = closed(scored, facts.NOON)
    assert reasons(ended.completed) == {"problem solving": None, "teamwork": NullReason.NOT_TOUCHED}


def test_without_any_judged_answer_a_competency_is_null_for_the_answers_reason() -> None:
    rejected = with_integrity(with_rejection(an_interview(), facts.rejected(), STAMP), facts.reported())
    assert set(reasons(closed(rejected, facts.NOON).completed).values()) == {RejectionReason.NOT_FOUND}
    late = closed_at_deadline(an_interview(), STAMP)
    assert set(reasons(late.completed).values()) == {NullReason.DEADLINE_PASSED}
