"""The doors to candidate links."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from vivavoce.gateway.auth.creators import LinkCreator
from vivavoce.gateway.auth.link_schemas import (
    CandidateLinksBody,
    IssuedLinkBody,
    LinksQuery,
    NewLinkBody,
    issued_link_body,
    links_body,
)
from vivavoce.gateway.auth.permissions import LinkManager
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of

router = APIRouter(tags=["candidate links"])

LinkId = Annotated[
    str, Path(alias="linkId", min_length=1, max_length=200, examples=["5b1c4e2a8d7f6e5c3b2a1908"])
]


@router.post(
    "/api/candidate-links",
    summary="Make a link for a candidate",
    status_code=201,
    responses=failures(400, 401, 403, 404, 413, 503),
)
async def make_candidate_link(
    request: Request, body: NewLinkBody, principal: LinkCreator, parts: PartsOf
) -> IssuedLinkBody:
    """Whoever has the link sees how that one interview stands, and its results, and nothing else.

    The token is also accepted as a bearer token, until it ends or the link is revoked.
    """
    context, interview_id = context_of(principal), body.interview_record_id
    issued = await parts.links.issue(principal, context, interview_id, body.purpose, body.lifetime)
    return issued_link_body(parts.settings.public_base_url or str(request.base_url), issued)


@router.get("/api/candidate-links", summary="List candidate links", responses=failures(400, 401, 403, 503))
async def list_candidate_links(
    query: Annotated[LinksQuery, Query()], principal: LinkManager, parts: PartsOf
) -> CandidateLinksBody:
    """The organization's links, oldest first, revoked ones too, until a month after their end."""
    page = await parts.links.list(principal.organization_id, query, query.interview_record_id)
    return links_body(page)


@router.delete(
    "/api/candidate-links/{linkId}",
    summary="Revoke a candidate link",
    status_code=204,
    responses=failures(400, 401, 403, 404, 503),
)
async def revoke_candidate_link(link_id: LinkId, principal: LinkManager, parts: PartsOf) -> Response:
    """From now on the link lets nobody in."""
    await parts.links.revoke(context_of(principal), link_id)
    return Response(status_code=204)
