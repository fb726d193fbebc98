"""Links to the webhook portal: a page whose token never reaches a server's log, as it is in the fragment."""

from datetime import datetime

from pydantic import Field

from vivavoce.gateway.auth.portal_tokens import PortalToken
from vivavoce.gateway.webhooks.schemas import Body

PAGE = "/portal"
SHORTEST_LINK = 60
LONGEST_LINK = 86_400
AN_HOUR = 3_600


class LinkRequest(Body):
    """For how many seconds the link lets its holder in."""

    expires_in: int = Field(default=AN_HOUR, strict=True, ge=SHORTEST_LINK, le=LONGEST_LINK)


class LinkBody(Body):
    """The link, and until when it lets in whoever has it."""

    url: str
    expires_at: datetime


def link_body(base_url: str, issued: PortalToken) -> LinkBody:
    """The link to the page under a base URL."""
    return LinkBody(url=f"{base_url.rstrip('/')}{PAGE}#token={issued.token}", expires_at=issued.expires_at)
