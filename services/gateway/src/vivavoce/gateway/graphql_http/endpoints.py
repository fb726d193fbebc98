"""The doors to GraphQL: GET for queries, POST for queries and mutations, both as a stream too; WebSockets."""

from fastapi import APIRouter, Request, WebSocket
from starlette.responses import Response

from vivavoce.gateway.auth.permissions import Anyone, Reader
from vivavoce.gateway.graphql_http import described
from vivavoce.gateway.graphql_http.events import event_stream
from vivavoce.gateway.graphql_http.graphiql import asset, page
from vivavoce.gateway.graphql_http.media_types import EVENTS, answer_type
from vivavoce.gateway.graphql_http.operations import CHANGING, READING, run
from vivavoce.gateway.graphql_http.requests import read_body, read_parameters
from vivavoce.gateway.graphql_http.results import answer
from vivavoce.gateway.graphql_http.routes import GraphqlRoute, PageRoute
from vivavoce.gateway.graphql_http.websocket import serve_websocket
from vivavoce.gateway.parts import PartsOf

pages = APIRouter(include_in_schema=False, route_class=PageRoute)
router = APIRouter(tags=["graphql"], route_class=GraphqlRoute)


@pages.get("/graphql")
async def read_graphiql(_: Anyone, parts: PartsOf) -> Response:
    """GraphiQL, for browsers, where it is on."""
    return page(parts.settings.graphiql_folder)


@router.get("/graphql/graphiql/{name}", include_in_schema=False)
async def read_graphiql_asset(_: Anyone, name: str, parts: PartsOf) -> Response:
    """A file of GraphiQL's."""
    return asset(name, parts.settings)


@router.get("/graphql", summary="Query", responses=described.answers(), openapi_extra=described.IN_ADDRESS)
async def query_graphql(request: Request, principal: Reader, parts: PartsOf) -> Response:
    """A query; a query or a subscription as a stream, with `Accept: text/event-stream`."""
    media_type, body = answer_type(request.headers.get("accept")), read_parameters(request)
    if media_type == EVENTS:
        return event_stream(request, body, principal, parts, READING)
    return answer(await run(body, principal, parts, READING), media_type)


@router.post("/graphql", summary="GraphQL", responses=described.answers(), openapi_extra=described.BODY)
async def execute_graphql(request: Request, principal: Reader, parts: PartsOf) -> Response:
    """Any operation; `{"data", "errors"}`. A stream of events with `Accept: text/event-stream`."""
    media_type, body = answer_type(request.headers.get("accept")), await read_body(request)
    if media_type == EVENTS:
        return event_stream(request, body, principal, parts, CHANGING)
    return answer(await run(body, principal, parts, CHANGING), media_type)


@router.websocket("/graphql")
async def follow_graphql(_: Anyone, websocket: WebSocket) -> None:
    """Operations of any kind over graphql-transport-ws, whose first message says who asks."""
    await serve_websocket(websocket, websocket.app.state.parts)
