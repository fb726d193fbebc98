"""How the webhook doors answer where a body alone doesn't say it: key sets, links, event streams."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from vivavoce.contracts import AuditAction, SigningKey
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.auth.schemas import KeySet
from vivavoce.gateway.parts import Parts, context_of
from vivavoce.gateway.records.stream import SEPARATOR, keep_alive
from vivavoce.gateway.webhooks.portal import LinkBody, LinkRequest, link_body

WEBHOOK_STREAM: dict[str, Any] = {
    "description": "`delivery` events with a delivery as in the list, `endpoint` events with an endpoint, "
    "each when it has changed; comments while nothing happens.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: delivery\ndata: {"id": "0c9b3a52", "status": "delivered"}\n\n',
        }
    },
}


def key_set(keys: Sequence[SigningKey]) -> KeySet:
    """The keys as a JSON Web Key Set (RFC 8037)."""
    return KeySet(
        keys=[
            {"kty": "OKP", "crv": "Ed25519", "kid": key.id, "x": key.public_key, "use": "sig", "alg": "EdDSA"}
            for key in keys
        ]
    )


async def portal_link(request: Request, principal: Principal, parts: Parts, wish: LinkRequest) -> LinkBody:
    """A link under the deployment's address, or else under the one that was asked; the audit log has it."""
    issued = parts.webhooks.portal.issue(principal, timedelta(seconds=wish.expires_in))
    await parts.audit.note(context_of(principal), AuditAction.PORTAL_LINK_CREATE, issued.id)
    return link_body(parts.settings.public_base_url or str(request.base_url), issued)


def webhook_stream(events: AsyncGenerator[ServerSentEvent, None], parts: Parts) -> Response:
    """The events, with signs of life between them."""
    return EventSourceResponse(
        events, ping=parts.settings.stream_ping_seconds, sep=SEPARATOR, ping_message_factory=keep_alive
    )
