"""What was noticed in a whole interview, in GraphQL: one list over all answers, read page by page."""

from collections.abc import Sequence
from typing import cast

import strawberry

from vivavoce.contracts import IntegrityKind, Severity
from vivavoce.gateway.graphql_context import GraphqlContext
from vivavoce.gateway.graphql_pages import PageInfoType, forwards
from vivavoce.gateway.interviews.findings import Finding, Place, Wanted, page_of
from vivavoce.gateway.interviews.graphql_types import IntegrityEventType
from vivavoce.gateway.interviews.repository import Answer

LIST = "integrityEvents"


@strawberry.input(name="IntegrityEventFilter", description="All that is given must hold.")
class IntegrityEventFilter:
    """What findings must be to be listed."""

    kind: IntegrityKind | None = strawberry.field(default=None, description="What was noticed.")
    severity: Severity | None = strawberry.field(default=None, description="The least weight.")


@strawberry.type(name="IntegrityFinding", description="Something noticed in one of an interview's answers.")
class IntegrityFindingType:
    """A finding with the answer that it is about."""

    pipeline_id: strawberry.ID = strawberry.field(description="The answer's id.")
    question_id: str = strawberry.field(description="The caller's own id of the question.")
    event: IntegrityEventType = strawberry.field(description="What was noticed, and when.")


@strawberry.type(name="IntegrityFindingEdge", description="A finding and its place in the list.")
class IntegrityFindingEdge:
    """One of a page."""

    cursor: str = strawberry.field(description="Opaque; good for this interview, whatever the filter.")
    node: IntegrityFindingType = strawberry.field(description="The finding.")


@strawberry.type(
    name="IntegrityFindingConnection",
    description="A page. There is no total: an answer that is still worked on may add findings at its place.",
)
class IntegrityFindingConnection:
    """A page of findings."""

    edges: list[IntegrityFindingEdge] = strawberry.field(description="The findings with their cursors.")
    nodes: list[IntegrityFindingType] = strawberry.field(description="The findings.")
    page_info: PageInfoType = strawberry.field(description="Where the page lies.")


def finding_connection(
    context: GraphqlContext,
    interview_id: str,
    answers: Sequence[Answer],
    filter: IntegrityEventFilter | None,
    first: int | None,
    after: str | None,
) -> IntegrityFindingConnection:
    """A page of what was noticed in an interview with these answers."""
    part, wish = forwards(context, f"{LIST}/{interview_id}", first, after), filter or IntegrityEventFilter()
    begin = None if part.place is None else Place.read(part.place)
    found, reached = page_of(answers, Wanted(wish.kind, wish.severity), begin, part.size)
    cursors, nodes = part.cursors_of([str(each.place) for each in found]), [_node(each) for each in found]
    return IntegrityFindingConnection(
        edges=[
            IntegrityFindingEdge(cursor=cursor, node=node)
            for cursor, node in zip(cursors, nodes, strict=True)
        ],
        nodes=nodes,
        page_info=part.page_info(cursors, None if reached is None else str(reached)),
    )


def _node(finding: Finding) -> IntegrityFindingType:
    answer = finding.answer
    return IntegrityFindingType(
        pipeline_id=strawberry.ID(answer.id),
        question_id=answer.question_id,
        event=cast("IntegrityEventType", finding.event),
    )
