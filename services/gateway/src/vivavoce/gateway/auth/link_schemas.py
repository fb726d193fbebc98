"""The bodies of candidate links."""

from datetime import datetime, timedelta

from pydantic import Field

from vivavoce.gateway.auth.candidate_links import CandidateLink, IssuedLink
from vivavoce.gateway.auth.link_tokens import Purpose
from vivavoce.gateway.auth.schemas import Body
from vivavoce.gateway.pages import Page, PageQuery
from vivavoce.gateway.texts import Identifier

PAGE = "/candidate"
SHORTEST = 60
LONGEST = 90 * 86_400
A_WEEK = 7 * 86_400


class LinksQuery(PageQuery):
    """Which links: those to one interview, or all."""

    interview_record_id: Identifier | None = None


class NewLinkBody(Body):
    """Which interview the link shows, and for how many seconds."""

    interview_record_id: Identifier
    purpose: Purpose = Purpose.VIEW_RESULT
    expires_in: int = Field(default=A_WEEK, strict=True, ge=SHORTEST, le=LONGEST)

    @property
    def lifetime(self) -> timedelta:
        """For how long the link lets its holder in."""
        return timedelta(seconds=self.expires_in)


class CandidateLinkBody(Body):
    """A link without its token."""

    id: str
    interview_record_id: str
    purpose: Purpose
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class IssuedLinkBody(Body):
    """A new link; the token is shown this once, alone and in the fragment of `url`."""

    id: str
    url: str
    token: str
    expires_at: datetime


class CandidateLinksBody(Body):
    """A page of the organization's links, oldest first; the last one has no `nextCursor`."""

    links: tuple[CandidateLinkBody, ...]
    next_cursor: str | None


def issued_link_body(base_url: str, issued: IssuedLink) -> IssuedLinkBody:
    """A new link under a base URL; browsers keep the fragment to themselves."""
    return IssuedLinkBody(
        id=issued.record.id,
        url=f"{base_url.rstrip('/')}{PAGE}#token={issued.token}",
        token=issued.token,
        expires_at=issued.record.expires_at,
    )


def links_body(page: Page[CandidateLink]) -> CandidateLinksBody:
    """A page of links."""
    return CandidateLinksBody(
        links=tuple(_link_body(record) for record in page.items), next_cursor=page.next_cursor
    )


def _link_body(record: CandidateLink) -> CandidateLinkBody:
    return CandidateLinkBody(
        interview_record_id=record.interview_id,
        **record.model_dump(exclude={"organization_id", "place", "interview_id"}),
    )
