"""Interviews in GraphQL: types over the read model, and resolvers that only hand on."""

from datetime import datetime

import strawberry

from vivavoce.chassis.errors import InvalidInput, NotFound
from vivavoce.contracts import RiskBand
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import MOST_INTERVIEWS, Info
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.interviews import repository
from vivavoce.gateway.interviews.graphql_types import AnswerType, CompetencyType, PositionType, answer_type
from vivavoce.gateway.interviews.rules import interview_status


async def resolve_answers(root: "InterviewType", info: Info) -> list[AnswerType]:
    """The answers of an interview."""
    found = await info.context.answers.load(root.id)
    return [answer_type(answer, root.stored) for answer in found]


@strawberry.type(name="Interview", description="One candidate, one position, its questions and answers.")
class InterviewType:
    """An interview as GraphQL shows it."""

    stored: strawberry.Private[repository.Interview]
    id: strawberry.ID
    application_id: str
    external_id: str = strawberry.field(description="The caller's own id of the interview.")
    submitted_at: datetime
    completed_at: datetime | None
    status: str = strawberry.field(description="processing, completed, partial or failed.")
    overall_score: float | None
    integrity_band: RiskBand | None
    position: PositionType
    competencies: list[CompetencyType]
    warnings: list[str]
    answers: list[AnswerType] = strawberry.field(
        resolver=resolve_answers, description="In the order of the questions."
    )


def interview_type(stored: repository.Interview) -> InterviewType:
    """A stored interview as GraphQL shows it."""
    end, fact = stored.completion, stored.submitted
    totals = {total.name: total for total in end.competencies} if end else {}
    return InterviewType(
        stored=stored,
        id=strawberry.ID(stored.id),
        application_id=fact.application_id,
        external_id=fact.external_id,
        submitted_at=stored.submitted_at,
        completed_at=end.completed_at if end else None,
        status=interview_status(stored),
        overall_score=end.overall if end else None,
        integrity_band=stored.integrity_band or (end.integrity_band if end else None),
        position=PositionType(id=strawberry.ID(fact.position.id), title=fact.position.title),
        competencies=[
            CompetencyType(
                name=one.name,
                weight=one.weight,
                score=totals[one.name].score if one.name in totals else None,
                reason=totals[one.name].reason if one.name in totals else None,
            )
            for one in fact.position.competencies
        ],
        warnings=list(stored.warnings),
    )


async def resolve_interview(info: Info, id: strawberry.ID) -> InterviewType | None:
    """The interview with this id, or nothing."""
    try:
        return interview_type(await info.context.reader.interview(info.context.principal, id))
    except NotFound:
        return None


async def resolve_interviews(info: Info, user_id: str, first: int = MOST_INTERVIEWS) -> list[InterviewType]:
    """The interviews of a submitter or a candidate."""
    if not 1 <= first <= MOST_INTERVIEWS:
        raise InvalidInput(f"first must be from 1 to {MOST_INTERVIEWS}.")
    found = await info.context.reader.interviews_of(info.context.principal, user_id, first)
    return [interview_type(each) for each in found]


@strawberry.type
class InterviewQueries:
    """What can be asked about interviews."""

    interview: InterviewType | None = strawberry.field(
        resolver=resolve_interview,
        extensions=[requires(Permission.READ)],
        description="The interview with this id, or null.",
    )
    interviews: list[InterviewType] = strawberry.field(
        resolver=resolve_interviews,
        extensions=[requires(Permission.READ)],
        description="What a principal submitted, or a candidate's by e-mail; latest first.",
    )
