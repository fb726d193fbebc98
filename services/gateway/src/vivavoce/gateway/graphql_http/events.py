"""GraphQL over server-sent events, a connection for each operation: `next` with a result, then `complete`."""

import asyncio
import json
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import anyio
from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response
from strawberry.types.graphql import OperationType

from vivavoce.chassis.errors import VivaError
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.graphql_http.asking import credentials_of, reader_of
from vivavoce.gateway.graphql_http.errors import shown_failure
from vivavoce.gateway.graphql_http.operations import results_of, until_ended
from vivavoce.gateway.graphql_http.refusals import Stopping
from vivavoce.gateway.graphql_http.requests import GraphqlBody
from vivavoce.gateway.graphql_http.results import body_of
from vivavoce.gateway.graphql_http.streams import Stream
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.records.stream import SEPARATOR, keep_alive

FAREWELL_SECONDS = 1.0


def event_stream(
    request: Request,
    body: GraphqlBody,
    principal: Principal,
    parts: Parts,
    allowed: frozenset[OperationType],
) -> Response:
    """An operation's results as events; raises TooManyStreams."""
    parts.streams.check(principal)
    stream = Stream(
        principal,
        "sse",
        credentials_of(request),
        partial(reader_of, request, parts),
        asyncio.get_running_loop().create_future(),
    )
    return EventSourceResponse(
        _events(stream, body, parts, allowed),
        ping=parts.settings.stream_ping_seconds,
        ping_message_factory=keep_alive,
        send_timeout=parts.settings.graphql_send_seconds,
        shutdown_event=anyio.Event(),
        shutdown_grace_period=FAREWELL_SECONDS,
        sep=SEPARATOR,
    )


async def _events(
    stream: Stream, body: GraphqlBody, parts: Parts, allowed: frozenset[OperationType]
) -> AsyncGenerator[ServerSentEvent, None]:
    """What the reader is told. Credentials that end are an error; a process that stops is none."""
    try:
        with parts.streams.open(stream):
            yield keep_alive()
            results = await results_of(body, stream.principal, parts, allowed)
            async for result in until_ended(results, stream.ended):
                yield _event("next", body_of(result))
            if stream.ended.done() and not isinstance(stream.ended.result(), Stopping):
                yield _failure(stream.ended.result())
    except VivaError as error:
        yield _failure(error)
    yield ServerSentEvent("", event="complete", sep=SEPARATOR)


def _failure(error: VivaError) -> ServerSentEvent:
    return _event("next", {"errors": [shown_failure(error)]})


def _event(name: str, content: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(content, ensure_ascii=False), event=name, sep=SEPARATOR)
