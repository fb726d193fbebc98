"""Open streams: they tell nothing more to a reader whose key, link, session or role was taken away."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from fastapi import Request
from sse_starlette import ServerSentEvent

from vivavoce.chassis.errors import Forbidden, InfrastructureAway, NotFound, Unauthenticated
from vivavoce.gateway.auth.permissions import still
from vivavoce.gateway.auth.principals import Permission, Principal
from vivavoce.gateway.interviews.repository import Interview
from vivavoce.gateway.parts import Parts

Check = Callable[[], Awaitable[None]]
"""Returns while the reader may read on; raises what an endpoint would refuse them with."""


def viewing(request: Request, principal: Principal, parts: Parts, interview: Interview) -> Check:
    """Whether the principal may still see an interview."""

    async def check() -> None:
        now = await still(request, principal, parts)
        now.require(Permission.VIEW)
        if not now.sees(interview.submitted_by, interview.candidate_email, interview.id):
            raise NotFound(f"There is no interview {interview.id}.")

    return check


def managing_webhooks(request: Request, principal: Principal, parts: Parts) -> Check:
    """Whether the principal may still manage webhooks."""

    async def check() -> None:
        (await still(request, principal, parts)).require(Permission.WEBHOOKS)

    return check


async def while_allowed(
    events: AsyncGenerator[ServerSentEvent, None], check: Check
) -> AsyncGenerator[ServerSentEvent, None]:
    """The events until the reader is refused one.

    While nobody can say, those are left out that can be missed; a stored one ends the stream, and the
    reader comes back for it.
    """
    async with aclosing(events):
        async for event in events:
            try:
                if event.data is not None:
                    await check()
            except InfrastructureAway:
                if event.id is not None:
                    return
            except (Unauthenticated, Forbidden, NotFound):
                return
            else:
                yield event
