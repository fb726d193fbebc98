"""A human's word on a score: kept beside the machine's, with who gave it, when and why."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import Conflict, FieldProblem, InvalidInput, NotFound
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AuditAction, SubmittedAnswer
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.repository import Interview, Interviews, Override
from vivavoce.gateway.interviews.rules import entry_of

OVERRIDDEN = "score.overridden"
HIGHEST = 100.0
LONGEST_REASON = 2_000
MOST_OVERRIDES = 100


@dataclass(frozen=True)
class Wish:
    """The score that a human gives instead, and why: of an answer, or of the interview."""

    overall: float
    reason: str
    answer_id: str | None = None


class ScoreOverrides:
    """Stores overrides; `changed` hears of which interview."""

    def __init__(
        self,
        database: Database,
        interviews: Interviews,
        audit: AuditLog,
        clock: Clock,
        changed: Callable[[str], None],
    ) -> None:
        self._database = database
        self._interviews = interviews
        self._audit = audit
        self._clock = clock
        self._changed = changed

    async def override(
        self, principal: Principal, context: Context, interview_id: str, wish: Wish
    ) -> Interview:
        """The interview with the new score; raises InvalidInput, NotFound, and Conflict at too many."""
        problems = problems_of(wish)
        if problems:
            told = "; ".join(f"{problem.path} {problem.message}" for problem in problems)
            raise InvalidInput(f"The score can't be taken: {told}.", problems=problems)
        return await self._database.transact(context, partial(self._store, principal, interview_id, wish))

    async def _store(self, principal: Principal, interview_id: str, wish: Wish, uow: UnitOfWork) -> Interview:
        found = await self._interviews.interviews.get(principal.organization_id, interview_id, uow)
        if found is None or not principal.sees(found.submitted_by, found.candidate_email, found.id):
            raise NotFound(f"There is no interview {interview_id}.")
        answer = None if wish.answer_id is None else _answer_of(found, wish.answer_id)
        if len(found.overrides) >= MOST_OVERRIDES:
            raise Conflict(f"The interview {interview_id} has {MOST_OVERRIDES} overrides already.")
        now = self._clock.now()
        given = Override(
            overall=wish.overall, reason=wish.reason, by=principal.id, at=now, answer_id=wish.answer_id
        )
        changed = found.model_copy(update={"overrides": (*found.overrides, given)})
        await self._interviews.entries.save(entry_of(changed), uow)
        uow.after_commit(partial(self._changed, interview_id))
        await self._audit.record(uow, AuditAction.SCORE_OVERRIDE, interview_id, before=found, after=changed)
        return await self._interviews.record(changed, OVERRIDDEN, now, override_data(given, answer), uow)


def problems_of(wish: Wish) -> tuple[FieldProblem, ...]:
    """What is wrong with a score."""
    problems = []
    if not (math.isfinite(wish.overall) and 0 <= wish.overall <= HIGHEST):
        problems.append(FieldProblem("score.overall", "must be from 0 to 100"))
    if not wish.reason.strip() or len(wish.reason) > LONGEST_REASON:
        problems.append(FieldProblem("score.reason", f"must say why, in at most {LONGEST_REASON} characters"))
    if "\x00" in wish.reason:
        problems.append(FieldProblem("score.reason", "must not contain NUL characters"))
    return tuple(problems)


def override_data(given: Override, answer: SubmittedAnswer | None) -> dict[str, object]:
    """An override, as event streams tell it."""
    names: dict[str, object] = {}
    if answer is not None:
        names = {
            "pipelineId": answer.answer_id,
            "questionId": answer.question_id,
            "videoResponseId": answer.video_response_id,
        }
    return {**names, "overallScore": given.overall, "reason": given.reason, "by": given.by}


def _answer_of(interview: Interview, answer_id: str) -> SubmittedAnswer:
    for answer in interview.submitted.answers:
        if answer.answer_id == answer_id:
            return answer
    raise NotFound(f"The interview {interview.id} has no answer {answer_id}.")
