"""An endpoint runs once for each Idempotency-Key when its principal's type says so."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.idempotency.answers import Answer
from vivavoce.gateway.idempotency.claims import SLOT
from vivavoce.gateway.idempotency.keys import Scope
from vivavoce.gateway.parts import PartsOf

NAME = "Idempotency-Key"
MOST_CHARACTERS = 255

Allowed = Callable[..., Awaitable[Principal]]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=NAME,
        min_length=1,
        max_length=MOST_CHARACTERS,
        pattern=r"^[ -~]+$",
        description="Makes a repeat safe: the same key with the same body gets the same answer for 24 hours. "
        "Use a new random value, such as a UUID, for each thing that you want done.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]


class Replay(Exception):
    """Ends a request that is a repeat with the answer of the first."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("a repeat")
        self.answer = answer


def once(allowed: Allowed) -> Allowed:
    """The dependency of an endpoint that creates something: lets through whom `allowed` does, once a key.

    A repeat has to be allowed, too, and is counted by the limits, before it gets an answer.
    """

    async def principal(
        request: Request,
        parts: PartsOf,
        found: Annotated[Principal, Depends(allowed)],
        key: IdempotencyKey = None,
    ) -> Principal:
        if key is not None:
            _check_single(request)
            scope = Scope(found.organization_id, found.id, route_of(request))
            outcome = await parts.idempotency.claim(key, scope, *await content_of(request))
            if isinstance(outcome, Answer):
                raise Replay(outcome)
            slot = SLOT.get()
            if slot is not None:
                slot.claim = outcome
        return found

    return principal


async def replayed(_: Request, error: Exception) -> Response:
    """The exception handler of repeats."""
    if not isinstance(error, Replay):
        raise HTTPException(500)
    return error.answer.replay()


def route_of(request: HTTPConnection) -> str:
    """The operation that a request is for: its method and its path's template."""
    template = getattr(request.scope.get("route"), "path", request.scope["path"])
    return f"{request.scope['method']} {template}"


async def content_of(request: Request) -> tuple[bytes, ...]:
    """What makes a request another one: where exactly it goes, what it is, and every byte of its body."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    where = request.scope["path"].encode(), request.scope["query_string"]
    return (*where, media_type.encode(), await request.body())


def _check_single(request: Request) -> None:
    if len(request.headers.getlist(NAME)) > 1:
        raise InvalidInput(
            f"Send {NAME} once.", problems=(FieldProblem(NAME, "must not be sent more than once"),)
        )
