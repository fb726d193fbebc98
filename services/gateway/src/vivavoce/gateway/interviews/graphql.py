"""Interviews in GraphQL: types over the read model, and resolvers that only hand on."""

from datetime import datetime
from typing import cast

import strawberry

from vivavoce.chassis.errors import NotFound
from vivavoce.contracts import RiskBand
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import MOST_INTERVIEWS, Info
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.interviews import repository
from vivavoce.gateway.interviews.graphql_answers import answer_type, override_types
from vivavoce.gateway.interviews.graphql_findings import (
    IntegrityEventFilter,
    IntegrityFindingConnection,
    finding_connection,
)
from vivavoce.gateway.interviews.graphql_types import (
    AnswerType,
    CompetencyType,
    OverrideType,
    PositionType,
)
from vivavoce.gateway.interviews.rules import band_of, interview_status, standing_overall


def resolve_answers(root: "InterviewType", info: Info) -> list[AnswerType]:
    """The answers of an interview; a promise of them while they have not been read."""
    found = info.context.answers.at_hand(root.id)
    if found is None:
        return cast("list[AnswerType]", _read_answers(root, info))
    return [answer_type(answer, root.stored) for answer in found]


async def _read_answers(root: "InterviewType", info: Info) -> list[AnswerType]:
    found = await info.context.answers.load(root.id)
    return [answer_type(answer, root.stored) for answer in found]


async def resolve_findings(
    root: "InterviewType",
    info: Info,
    filter: IntegrityEventFilter | None = None,
    first: int | None = None,
    after: str | None = None,
) -> IntegrityFindingConnection:
    """A page of what was noticed in the answers of an interview."""
    found = await info.context.answers.load(root.id)
    return finding_connection(info.context, root.id, found, filter, first, after)


@strawberry.type(name="Interview", description="One candidate, one position, its questions and answers.")
class InterviewType:
    """An interview as GraphQL shows it."""

    stored: strawberry.Private[repository.Interview]
    id: strawberry.ID = strawberry.field(description="The interviewRecordId.")
    application_id: str = strawberry.field(description="The caller's own id of the application.")
    external_id: str = strawberry.field(description="The caller's own id of the interview.")
    submitted_at: datetime = strawberry.field(description="When it was accepted.")
    completed_at: datetime | None = strawberry.field(description="When it ended.")
    status: str = strawberry.field(description="processing, completed, partial or failed.")
    overall_score: float | None = strawberry.field(
        description="0 to 100: a human's where there is one, else the machine's."
    )
    machine_score: float | None = strawberry.field(description="0 to 100, weighted by competency.")
    overrides: list[OverrideType] = strawberry.field(
        description="What humans have said about its scores, oldest first; the last one counts."
    )
    integrity_band: RiskBand | None = strawberry.field(description="A finding, never a verdict.")
    position: PositionType = strawberry.field(description="The job.")
    competencies: list[CompetencyType] = strawberry.field(description="What the position asks for.")
    warnings: list[str] = strawberry.field(description="What was accepted but probably not meant.")
    answers: list[AnswerType] = strawberry.field(
        resolver=resolve_answers, description="In the order of the questions."
    )
    integrity_event_connection: IntegrityFindingConnection = strawberry.field(
        resolver=resolve_findings,
        description="What was noticed in all answers, in the order of the questions and then of time. "
        "25 without first, at most 100.",
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
        overall_score=standing_overall(stored),
        machine_score=end.overall if end else None,
        overrides=override_types(stored),
        integrity_band=band_of(stored),
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


async def resolve_interviews(info: Info, user_id: str) -> list[InterviewType]:
    """The latest interviews of a submitter or a candidate."""
    found = await info.context.reader.interviews_of(info.context.principal, user_id, MOST_INTERVIEWS)
    await info.context.answers.read_ahead([each.id for each in found])
    return [interview_type(each) for each in found]


@strawberry.type
class InterviewQueries:
    """What can be asked about interviews."""

    interview: InterviewType | None = strawberry.field(
        resolver=resolve_interview,
        description="The interview with this id, or null.",
        extensions=[requires(Permission.READ)],
    )
    interviews: list[InterviewType] = strawberry.field(
        resolver=resolve_interviews,
        description="What a principal submitted or a candidate's by e-mail: the latest 50, "
        "latest first. interviewConnection has all of them.",
        extensions=[requires(Permission.READ)],
    )
