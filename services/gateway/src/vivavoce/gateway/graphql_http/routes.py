"""How GraphQL's routes differ: failures in GraphQL's own form, and a page that only browsers are shown."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.failures import SERVER_ERROR, invalid_input, problem_of
from vivavoce.gateway.graphql_http.media_types import JSON, answer_type, wants_page
from vivavoce.gateway.graphql_http.refusals import NotAcceptable
from vivavoce.gateway.graphql_http.results import refusal

log = get_logger(__name__)


class GraphqlRoute(APIRoute):
    """A route whose failures are answered in GraphQL's form, those of its dependencies too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, within what renders its failures."""
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _refuse(request, invalid_input([problem_of(each) for each in error.errors()]))
            except VivaError as error:
                return _refuse(request, error)

        return handle_or_refuse


class PageRoute(APIRoute):
    """A route that is only there for callers that want a page, where there is one."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this request is for the page."""
        match, child = super().matches(scope)
        shown = scope["type"] == "http" and scope["app"].state.parts.settings.shows_graphiql
        if match is not Match.FULL or not shown or not wants_page(Headers(scope=scope).get("accept")):
            return Match.NONE, {}
        return match, child


def _refuse(request: Request, error: VivaError) -> Response:
    if error.status >= SERVER_ERROR:
        log.warning("request_failed", code=error.code, status=error.status, error=error.message)
    try:
        media_type = answer_type(request.headers.get("accept"))
    except NotAcceptable:
        media_type = JSON
    return refusal(error, media_type)
