"""Reading interviews as a principal: what is theirs, and nothing else."""

from dataclasses import dataclass

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import NotFound
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.days import BEGINNING
from vivavoce.gateway.interviews.entries import Entry
from vivavoce.gateway.interviews.listing import Filter, Page, Slice, latest_of, page_of
from vivavoce.gateway.interviews.reaches import Reaches
from vivavoce.gateway.interviews.repository import Answer, Interview, Interviews
from vivavoce.gateway.interviews.rules import is_whole


@dataclass(frozen=True)
class AnswerRead:
    """An answer and the interview that it belongs to; None with one that is whole, which needs no more."""

    answer: Answer
    interview: Interview | None


class InterviewReader:
    """Scoped reads. What is another's is as if it did not exist."""

    def __init__(self, interviews: Interviews, clock: Clock) -> None:
        self._interviews = interviews
        self._clock = clock
        self._reaches = Reaches()

    async def interview(self, principal: Principal, interview_id: str) -> Interview:
        """The interview with this id; raises NotFound."""
        found = await self._interviews.interviews.get(principal.organization_id, interview_id)
        if found is None or not principal.sees(found.submitted_by, found.candidate_email, found.id):
            raise NotFound(f"There is no interview {interview_id}.")
        return found

    async def interviews_of(self, principal: Principal, user_id: str, limit: int) -> list[Interview]:
        """What somebody submitted or is the candidate of, as far as it may be seen; latest first.

        `user_id` is a principal's id, or a candidate's e-mail. A candidate who asks by their own id gets
        those of their own address too.
        """
        now = self._clock.now()
        organization_id = principal.organization_id
        found: list[Entry] = []
        for where in asked_for(principal, user_id):
            asked = (organization_id, limit, *where.items())
            latest = await latest_of(
                self._interviews.entries,
                organization_id,
                where,
                limit,
                since=BEGINNING,
                now=now,
                reach=self._reaches.of(asked, now),
            )
            self._reaches.note(asked, latest, limit, BEGINNING, now)
            found += latest
        entries = {entry.id: entry for entry in found}
        ordered = sorted(entries.values(), key=lambda each: each.by_submission, reverse=True)[:limit]
        stored = await self.interviews(principal, [entry.id for entry in ordered])
        return [stored[entry.id] for entry in ordered if entry.id in stored]

    async def page(self, principal: Principal, wanted: Filter, part: Slice) -> Page:
        """A page of the interviews that the principal may see."""
        now, organization_id = self._clock.now(), principal.organization_id
        since = BEGINNING
        if part.begins_at_the_oldest:
            since = await self._interviews.days.first_moment(organization_id, now)
        entries, allowed = self._interviews.entries, scopes(principal)
        return await page_of(entries, principal, allowed, wanted, part, since=since, now=now)

    async def interviews(self, principal: Principal, interview_ids: list[str]) -> dict[str, Interview]:
        """Those of the interviews that the principal may see, by their ids."""
        found = await self._interviews.interviews.get_many(principal.organization_id, interview_ids)
        seen = (each for each in found if principal.sees(each.submitted_by, each.candidate_email, each.id))
        return {each.id: each for each in seen}

    async def answers(self, principal: Principal, interview_ids: list[str]) -> list[Answer]:
        """The answers of the interviews, as far as the principal may see them, in order."""
        found = await self._interviews.answers_of(principal.organization_id, interview_ids)
        return [answer for answer in found if _is_seen(principal, answer)]

    async def answer(self, principal: Principal, answer_id: str) -> AnswerRead | None:
        """The answer with this id, or None."""
        return await self._read(principal, answer_id)

    async def latest_answer(self, principal: Principal, video_response_id: str) -> AnswerRead | None:
        """The answer last submitted under the caller's own id for it, or None."""
        organization_id = principal.organization_id
        found = [
            await self._interviews.latest_answer(organization_id, video_response_id, where)
            for where in scopes(principal)
        ]
        answers = [answer for answer in found if answer is not None]
        latest = max(answers, key=lambda each: (each.submitted_at, each.position), default=None)
        if latest is None or is_whole(latest):
            return AnswerRead(latest, None) if latest else None
        return await self._read(principal, latest.id)

    async def _read(self, principal: Principal, answer_id: str) -> AnswerRead | None:
        # The interview is read between two reads of the answer: once it says that it has ended,
        # what was committed to the answer before that end is in the second one.
        organization_id = principal.organization_id
        first = await self._interviews.answers.get(organization_id, answer_id)
        if first is None or not _is_seen(principal, first):
            return None
        if is_whole(first):
            return AnswerRead(first, None)
        interview = await self._interviews.interviews.get(organization_id, first.interview_id)
        answer = await self._interviews.answers.get(organization_id, answer_id)
        return AnswerRead(answer, interview) if answer is not None and interview is not None else None


def _is_seen(principal: Principal, answer: Answer) -> bool:
    return principal.sees(answer.submitted_by, answer.candidate_email, answer.interview_id)


def scopes(principal: Principal) -> list[dict[str, str]]:
    """What narrows a search of answers to what a principal may see: any of these conditions."""
    if principal.interview_id is not None:
        return [{"interview_id": principal.interview_id}]
    if principal.staff:
        return [{}]
    own = [{"submitted_by": principal.id}]
    return [*own, {"candidate_email": principal.email}] if principal.email else own


def asked_for(principal: Principal, user_id: str) -> list[dict[str, str]]:
    """What finds the interviews of a submitter or a candidate, as far as the principal may see them."""
    email = user_id.strip().casefold()
    if principal.staff:
        by_submitter = {"submitted_by": user_id}
        return [by_submitter, {"candidate_email": email}] if "@" in email else [by_submitter]
    if user_id == principal.id:
        return scopes(principal)
    return [{"candidate_email": email}] if principal.is_candidate(email) else []
