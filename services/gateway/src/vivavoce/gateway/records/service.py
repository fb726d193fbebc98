"""Taking in a recorded interview: once, however often it is sent."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists, Conflict, Forbidden
from vivavoce.chassis.shared_commits import SharedCommits
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    AuditAction,
    Competency,
    InterviewSubmitted,
    Position,
    RecordingRequested,
    SubmittedAnswer,
    ids,
)
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.failures import invalid_input
from vivavoce.gateway.interviews.repository import Answer, Interview, Interviews
from vivavoce.gateway.interviews.rules import entry_of
from vivavoce.gateway.records.rules import digest, masked_terms, problems_of, warnings_of, weigh
from vivavoce.gateway.records.schemas import Submission
from vivavoce.gateway.settings import GatewaySettings

ATTESTED = "attested_by_organization"
CONSENT_NEEDED = (
    "Nothing is processed without the candidate's consent or another lawful basis: state it as "
    '"consent": {"basis": "consent"}, or have your organization attest it once for all interviews.'
)


class ConsentMissing(Forbidden):
    """Nobody has attested that this interview may be processed."""

    code = "consent_required"


@dataclass(frozen=True)
class Submitted:
    """The stored interview, and whether this submission repeats it."""

    interview: Interview
    repeated: bool


class SubmissionService:
    """Checks, stores and announces submissions; those that come at the same time share a commit."""

    def __init__(
        self,
        database: Database,
        interviews: Interviews,
        audit: AuditLog,
        clock: Clock,
        settings: GatewaySettings,
    ) -> None:
        self._commits = SharedCommits(database, interviews.interviews.read_ahead)
        self._audit = audit
        self._interviews = interviews
        self._clock = clock
        self._settings = settings

    async def submit(self, principal: Principal, context: Context, submission: Submission) -> Submitted:
        """Store the interview and ask for its analysis in one commit.

        Raises InvalidInput, ConsentMissing, and Conflict when the request's id was used otherwise.
        """
        problems = problems_of(submission, self._settings.max_questions)
        if problems:
            raise invalid_input(problems)
        basis = self._consent_basis(principal, submission)
        interview = self._interview(principal, context, submission, basis)
        answers = answers_of(interview, submission)
        store = partial(self._store, interview, answers)
        try:
            return await self._commits.transact(interview.id, context, store)
        except AlreadyExists:
            return await self._commits.transact(interview.id, context, store)

    async def _store(self, interview: Interview, answers: tuple[Answer, ...], uow: UnitOfWork) -> Submitted:
        known = await self._interviews.interviews.get(interview.organization_id, interview.id, uow)
        if known is not None:
            return _repeat_of(known, interview)
        if not interview.consent_basis:
            raise ConsentMissing(CONSENT_NEEDED)
        recorded = await self._interviews.record(
            interview, InterviewSubmitted.type, interview.submitted_at, {"answers": len(answers)}, uow
        )
        await self._interviews.entries.insert(entry_of(recorded), uow)
        uow.emit(interview.submitted, event_id=ids.output_id(interview.id, InterviewSubmitted.type))
        for answer in answers:
            await self._interviews.answers.insert(answer, uow)
            request = RecordingRequested(interview_id=interview.id, answer_id=answer.id, url=answer.url)
            uow.emit(request, event_id=ids.output_id(answer.id, RecordingRequested.type))
        await self._audit.record(uow, AuditAction.INTERVIEW_SUBMIT, interview.id, after=recorded)
        return Submitted(recorded, repeated=False)

    def _consent_basis(self, principal: Principal, submission: Submission) -> str:
        """What allows the processing, or "" for nothing."""
        if submission.consent is not None:
            return submission.consent.basis
        if principal.organization_id in self._settings.attested_consent_organizations:
            return ATTESTED
        return ""

    def _interview(
        self, principal: Principal, context: Context, submission: Submission, basis: str
    ) -> Interview:
        now = self._clock.now()
        weighed = weigh(submission.interview.position.competency_weights)
        fact = submitted_fact(principal.organization_id, submission, weighed.competencies, now)
        return Interview(
            id=fact.interview_id,
            organization_id=principal.organization_id,
            request_id=submission.meta.request_id,
            digest=digest(submission),
            correlation_id=context.correlation_id,
            submitted_by=principal.id,
            candidate_email=submission.application.candidate.email.casefold(),
            consent_basis=basis,
            warnings=(*weighed.warnings, *warnings_of(submission)),
            submitted=fact,
            submitted_at=now,
            next_sweep_at=now + self._settings.sweep_wait(0),
        )


def answers_of(interview: Interview, submission: Submission) -> tuple[Answer, ...]:
    """The answers of a submitted interview, in the order of its questions."""
    pairs = zip(submission.interview.questions, interview.submitted.answers, strict=True)
    return tuple(
        Answer(
            id=submitted.answer_id,
            organization_id=interview.organization_id,
            interview_id=interview.id,
            submitted_by=interview.submitted_by,
            candidate_email=interview.candidate_email,
            position=position,
            question_id=question.id,
            question_text=question.question_text,
            video_response_id=question.video.video_response_id,
            url=question.video.url,
            submitted_at=interview.submitted_at,
        )
        for position, (question, submitted) in enumerate(pairs)
    )


def submitted_fact(
    organization_id: str, submission: Submission, competencies: tuple[Competency, ...], now: datetime
) -> InterviewSubmitted:
    """The fact that announces a submission. Its ids follow from the organization and the request's id."""
    request_id, interview = submission.meta.request_id, submission.interview
    return InterviewSubmitted(
        interview_id=ids.interview_id(organization_id, request_id),
        application_id=submission.application.id,
        external_id=interview.id,
        position=Position(
            id=interview.position.id, title=interview.position.title, competencies=competencies
        ),
        answers=tuple(
            SubmittedAnswer(
                answer_id=ids.answer_id(organization_id, request_id, question.id),
                question_id=question.id,
                question_text=question.question_text,
                video_response_id=question.video.video_response_id,
            )
            for question in interview.questions
        ),
        masked_terms=masked_terms(submission.application.candidate),
        submitted_at=now,
    )


def _repeat_of(known: Interview, repeat: Interview) -> Submitted:
    if known.digest != repeat.digest:
        raise Conflict(
            f"The requestId {known.request_id} was used for another submission. "
            "Use a new one, or repeat the first body exactly."
        )
    return Submitted(known, repeated=True)
