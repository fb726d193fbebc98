"""Reading interviews as a principal: what is theirs, and nothing else."""

from dataclasses import dataclass

from vivavoce.chassis.documents import Where
from vivavoce.chassis.errors import NotFound
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.repository import Answer, Interview, Interviews
from vivavoce.gateway.interviews.rules import is_whole


@dataclass(frozen=True)
class AnswerRead:
    """An answer and the interview that it belongs to; None with one that is whole, which needs no more."""

    answer: Answer
    interview: Interview | None


class InterviewReader:
    """Scoped reads. What is another's is as if it did not exist."""

    def __init__(self, interviews: Interviews) -> None:
        self._interviews = interviews

    async def interview(self, principal: Principal, interview_id: str) -> Interview:
        """The interview with this id; raises NotFound."""
        found = await self._interviews.interviews.get(principal.organization_id, interview_id)
        if found is None or not principal.sees(found.submitted_by, found.id):
            raise NotFound(f"There is no interview {interview_id}.")
        return found

    async def interviews_of(self, principal: Principal, user_id: str, limit: int) -> list[Interview]:
        """Interviews that a principal submitted, latest first; for staff also by candidate's e-mail."""
        wheres = [{"submitted_by": user_id}] if principal.staff or user_id == principal.id else []
        if principal.staff and "@" in user_id:
            wheres.append({"candidate_email": user_id.strip().casefold()})
        found: dict[str, Interview] = {}
        for where in wheres:
            latest = await self._interviews.interviews.find(
                principal.organization_id, where, sort=[("submitted_at", -1)], limit=limit
            )
            found.update((interview.id, interview) for interview in latest)
        return sorted(found.values(), key=lambda each: each.submitted_at, reverse=True)[:limit]

    async def answers(self, principal: Principal, interview_ids: list[str]) -> list[Answer]:
        """The answers of the interviews, as far as the principal may see them, in order."""
        found = await self._interviews.answers_of(principal.organization_id, interview_ids)
        return [answer for answer in found if principal.sees(answer.submitted_by, answer.interview_id)]

    async def answer(self, principal: Principal, answer_id: str) -> AnswerRead | None:
        """The answer with this id, or None."""
        return await self._read(principal, answer_id)

    async def latest_answer(self, principal: Principal, video_response_id: str) -> AnswerRead | None:
        """The answer last submitted under the caller's own id for it, or None."""
        found = await self._interviews.latest_answer(
            principal.organization_id, video_response_id, _theirs(principal)
        )
        if found is None or is_whole(found):
            return AnswerRead(found, None) if found else None
        return await self._read(principal, found.id)

    async def _read(self, principal: Principal, answer_id: str) -> AnswerRead | None:
        # The interview is read between two reads of the answer: once it says that it has ended,
        # what was committed to the answer before that end is in the second one.
        organization_id = principal.organization_id
        first = await self._interviews.answers.get(organization_id, answer_id)
        if first is None or not principal.sees(first.submitted_by, first.interview_id):
            return None
        if is_whole(first):
            return AnswerRead(first, None)
        interview = await self._interviews.interviews.get(organization_id, first.interview_id)
        answer = await self._interviews.answers.get(organization_id, answer_id)
        return AnswerRead(answer, interview) if answer is not None and interview is not None else None


def _theirs(principal: Principal) -> Where:
    """Which answers are the principal's to read, as a condition."""
    if principal.interview_id is not None:
        return {"interview_id": principal.interview_id}
    return {} if principal.staff else {"submitted_by": principal.id}
