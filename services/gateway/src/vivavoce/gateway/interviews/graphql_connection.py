"""Lists of interviews in GraphQL: filtered, ordered, and read page by page."""

from datetime import datetime
from enum import Enum

import strawberry

from vivavoce.chassis.errors import InvalidInput
from vivavoce.contracts import RiskBand
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import GraphqlContext, Info
from vivavoce.gateway.graphql_pages import PageInfoType, Window, page_info, window_of
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.interviews.entries import Order, Standing
from vivavoce.gateway.interviews.graphql import InterviewType, interview_type
from vivavoce.gateway.interviews.listing import Filter, Page, Slice, key_of

LIST = "interviews"

strawberry.enum(Standing, name="InterviewStatus", description="Still worked on, or how the interview ended.")


@strawberry.enum(description="What a list of interviews is ordered by.")
class InterviewSortField(Enum):
    """The orders that have an index."""

    SUBMITTED_AT = Order.SUBMITTED_AT.value
    COMPLETED_AT = Order.COMPLETED_AT.value
    OVERALL_SCORE = Order.OVERALL_SCORE.value


@strawberry.enum(description="The direction of an order.")
class SortDirection(Enum):
    """Rising or falling."""

    ASC = "asc"
    DESC = "desc"


@strawberry.input(
    name="InterviewSort",
    description="What has not ended, or has no score, comes last in falling and first in rising order.",
)
class InterviewSort:
    """An order."""

    field: InterviewSortField = strawberry.field(
        default=InterviewSortField.SUBMITTED_AT, description="What is compared."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="DESC has the latest, or the highest, first."
    )


@strawberry.input(name="InterviewFilter", description="All that is given must hold.")
class InterviewFilter:
    """What interviews must be to be listed."""

    status: Standing | None = strawberry.field(default=None, description="How far they are.")
    position_id: str | None = strawberry.field(default=None, description="The position's id.")
    submitted_since: datetime | None = strawberry.field(
        default=None, description="Submitted then or later; with an offset from UTC."
    )
    submitted_until: datetime | None = strawberry.field(
        default=None, description="Submitted before; with an offset from UTC."
    )
    integrity_band: RiskBand | None = strawberry.field(default=None, description="The interview's risk band.")
    minimum_score: float | None = strawberry.field(default=None, description="The least overall score.")
    maximum_score: float | None = strawberry.field(default=None, description="The highest overall score.")
    candidate_email: str | None = strawberry.field(
        default=None, description="The candidate's e-mail address, in capitals or not."
    )
    external_id: str | None = strawberry.field(default=None, description="The caller's own id.")
    application_id: str | None = strawberry.field(default=None, description="The application's id.")


@strawberry.type(name="InterviewEdge", description="An interview and its place in the list.")
class InterviewEdge:
    """One of a page."""

    cursor: str = strawberry.field(description="Opaque; good for this list in this order.")
    node: InterviewType = strawberry.field(description="The interview.")


@strawberry.type(
    name="InterviewConnection",
    description="A page. There is no total: counting would cost the more, the more interviews there are.",
)
class InterviewConnection:
    """A page of interviews."""

    edges: list[InterviewEdge] = strawberry.field(description="The interviews with their cursors.")
    nodes: list[InterviewType] = strawberry.field(description="The interviews.")
    page_info: PageInfoType = strawberry.field(description="Where the page lies.")


async def resolve_connection(
    info: Info,
    filter: InterviewFilter | None = None,
    sort: InterviewSort | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> InterviewConnection:
    """A page of the interviews that the caller may see."""
    context, order, wanted = info.context, sort or InterviewSort(), wanted_by(filter or InterviewFilter())
    window, scope = window_of(first, after, last, before), scope_of(info.context, order)
    part = Slice(
        order=Order(order.field.value),
        descending=order.direction is SortDirection.DESC,
        size=window.size,
        place=None if window.cursor is None else context.cursors.read(scope, window.cursor),
        backwards=window.backwards,
    )
    page = await context.reader.page(context.principal, wanted, part)
    return await connection(context, page, window, part.order, scope)


async def connection(
    context: GraphqlContext, page: Page, window: Window, order: Order, scope: str
) -> InterviewConnection:
    """A page with its interviews; each cursor is that of the place of its entry."""
    stored = await context.reader.interviews(context.principal, [entry.id for entry in page.entries])
    await context.answers.read_ahead(list(stored))
    edges = [
        InterviewEdge(
            cursor=context.cursors.write(scope, key_of(entry, order)),
            node=interview_type(stored[entry.id]),
        )
        for entry in page.entries
        if entry.id in stored
    ]
    reached = None if page.reached is None else context.cursors.write(scope, page.reached)
    near = (edges[-1] if window.backwards else edges[0]).cursor if edges else reached
    start, end = (reached, near) if window.backwards else (near, reached)
    return InterviewConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=page_info(window, more=page.more, start=start, end=end),
    )


def scope_of(context: GraphqlContext, sort: InterviewSort) -> str:
    """What a cursor is good for: the organization's list in one order."""
    return f"{context.principal.organization_id}/{LIST}/{sort.field.value}"


def wanted_by(asked: InterviewFilter) -> Filter:
    """The filter that is asked for; raises InvalidInput at times without an offset."""
    for name, at in (("submittedSince", asked.submitted_since), ("submittedUntil", asked.submitted_until)):
        if at is not None and at.tzinfo is None:
            raise InvalidInput(f"filter.{name} needs an offset from UTC, such as Z or +03:00.")
    email = asked.candidate_email
    return Filter(
        status=asked.status,
        position_id=asked.position_id,
        since=asked.submitted_since,
        until=asked.submitted_until,
        integrity_band=asked.integrity_band,
        least_score=asked.minimum_score,
        most_score=asked.maximum_score,
        candidate_email=None if email is None else email.strip().casefold(),
        external_id=asked.external_id,
        application_id=asked.application_id,
    )


@strawberry.type
class ConnectionQueries:
    """Lists of interviews."""

    interview_connection: InterviewConnection = strawberry.field(
        resolver=resolve_connection,
        description="The organization's interviews or, for who is not staff, those that they submitted. 25 "
        "without first or last, at most 100. With a filter, a page may have fewer than were asked for "
        "although more follow: go on while hasNextPage.",
        extensions=[requires(Permission.READ)],
    )
