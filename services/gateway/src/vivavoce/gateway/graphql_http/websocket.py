"""GraphQL over WebSockets: graphql-transport-ws, for principals as long as their credentials hold."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing
from datetime import timedelta
from functools import partial
from typing import Any, cast

from fastapi import WebSocket
from pydantic_core import from_json
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.async_base_view import AsyncBaseHTTPView, AsyncWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message
from strawberry.types.unset import UNSET, UnsetType

from vivavoce.chassis.errors import Unauthenticated, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.graphql_http.asking import credentials_of, reader_of, request_of
from vivavoce.gateway.graphql_http.errors import shown_errors, shown_failure
from vivavoce.gateway.graphql_http.operations import CHANGING, Results, either, results_of
from vivavoce.gateway.graphql_http.refusals import Stopping, TooManyStreams
from vivavoce.gateway.graphql_http.requests import checked
from vivavoce.gateway.graphql_http.results import body_of, is_refused
from vivavoce.gateway.graphql_http.streams import Ended, Stream
from vivavoce.gateway.parts import Parts

FORBIDDEN = 4403
NOT_ACCEPTABLE = 4406
TOO_MANY = 4429
GOING_AWAY = 1001
TRY_LATER = 1013
LONGEST_REASON = 120  # bytes, of the 123 that a close frame has for it
FAREWELL_SECONDS = 1.0

log = get_logger(__name__)


async def serve_websocket(websocket: WebSocket, parts: Parts) -> None:
    """Serve one connection until either side ends it."""
    if GRAPHQL_TRANSPORT_WS_PROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.accept()
        await websocket.close(NOT_ACCEPTABLE, f"Speak {GRAPHQL_TRANSPORT_WS_PROTOCOL}")
        return
    await websocket.accept(subprotocol=GRAPHQL_TRANSPORT_WS_PROTOCOL)
    await Connection(websocket, parts).serve()


class Socket(AsyncWebSocketAdapter):
    """The protocol's way to the connection. Closing what is closed does nothing."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """The messages of the other side."""
        try:
            while self._websocket.application_state is not WebSocketState.DISCONNECTED:
                yield _parsed(await self._websocket.receive_text())
        except KeyError as error:
            raise NonTextMessageReceived from error
        except WebSocketDisconnect:
            return

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message; waits while the other side doesn't take what was sent."""
        try:
            await self._websocket.send_text(json.dumps(message, ensure_ascii=False))
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        """End the connection and say why."""
        if self._websocket.application_state is not WebSocketState.DISCONNECTED:
            await self._websocket.close(code, _short(reason))


class Connection(BaseGraphQLTransportWSHandler[dict[str, Any], None]):
    """One connection: Strawberry's protocol, with our principals, errors, limits and endings."""

    def __init__(self, websocket: WebSocket, parts: Parts) -> None:
        settings = parts.settings
        super().__init__(
            view=cast("AsyncBaseHTTPView[Any, Any, Any, Any, Any, dict[str, Any], None]", self),
            websocket=Socket(websocket),
            context={},
            root_value=None,
            schema=parts.schema,
            connection_init_wait_timeout=timedelta(seconds=settings.graphql_init_seconds),
            max_subscriptions_per_connection=settings.graphql_operations_per_connection,
        )
        self._handshake = websocket
        self._parts = parts
        self._open = ExitStack()
        self._principal: Principal | None = None
        self._ended: Ended = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Talk until either side ends the connection."""
        talking = asyncio.create_task(self.handle())
        try:
            await either(talking, self._ended)
            if self._ended.done():
                await self._say_farewell(self._ended.result())
                await asyncio.wait({talking}, timeout=FAREWELL_SECONDS)
        finally:
            self._open.close()
            talking.cancel()
            await asyncio.wait({talking})
            if not talking.cancelled() and (error := talking.exception()) is not None:
                log.error("graphql_connection_failed", exc_info=error)

    async def on_ws_connect(self, context: dict[str, Any]) -> UnsetType:
        """Let in whoever may read; raises ConnectionRejectionError, with the connection closed."""
        request = request_of(self._handshake, context["connection_params"])
        recognize = partial(reader_of, request, self._parts)
        try:
            self._principal = await recognize()
            stream = Stream(self._principal, "websocket", credentials_of(request), recognize, self._ended)
            self._open.enter_context(self._parts.streams.open(stream))
        except VivaError as error:
            await self.websocket.close(_code_of(error), error.message)
            raise ConnectionRejectionError from error
        unset: UnsetType = UNSET
        return unset

    async def handle_message(self, message: Message) -> None:
        """Take one message; one that isn't the protocol's ends the connection."""
        problem = problem_of(message)
        if problem is not None:
            await self.handle_invalid_message(problem)
        else:
            await super().handle_message(message)

    async def run_operation(self, operation: Operation[dict[str, Any], None]) -> None:
        """Send an operation's results, then that it is complete, or why it was not begun."""
        try:
            body = checked(
                {
                    "query": operation.query,
                    "variables": operation.variables,
                    "operationName": operation.operation_name,
                }
            )
            results = await results_of(body, self._who(), self._parts, CHANGING, paid=0)
            async with aclosing(results):
                await self._send_results(operation, results)
        except VivaError as error:
            await _send_errors(operation, [shown_failure(error)])
        except WebSocketDisconnected:
            return

    async def _send_results(self, operation: Operation[dict[str, Any], None], results: Results) -> None:
        begun = False
        async for result in results:
            if not begun and is_refused(result):
                await _send_errors(operation, shown_errors(result.errors or ()))
                return
            begun = True
            told = {"id": operation.id, "type": "next", "payload": body_of(result)}
            await operation.send_operation_message(cast("Message", told))
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    def _who(self) -> Principal:
        if self._principal is None:
            raise Unauthenticated("Begin the connection with connection_init.")
        return self._principal

    async def _say_farewell(self, error: VivaError) -> None:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                for operation in tuple(self.operations.values()):
                    await operation.send_operation_message({"id": operation.id, "type": "complete"})
                await self.websocket.close(_code_of(error), error.message)
        except (TimeoutError, WebSocketDisconnected):
            return


def problem_of(message: object) -> str | None:
    """What is wrong with the form of a message, if anything."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be an object with a type"
    kind = message["type"]
    if kind in {"subscribe", "complete"} and not (isinstance(message.get("id"), str) and message["id"]):
        return f"A {kind} message must have an id"
    payload = message.get("payload")
    if kind == "subscribe" and not (isinstance(payload, dict) and isinstance(payload.get("query"), str)):
        return "A subscribe message must have a payload with a query"
    return None


async def _send_errors(operation: Operation[dict[str, Any], None], errors: list[dict[str, Any]]) -> None:
    told = {"id": operation.id, "type": "error", "payload": errors}
    await operation.send_operation_message(cast("Message", told))


def _code_of(error: VivaError) -> int:
    if isinstance(error, TooManyStreams):
        return TOO_MANY
    if isinstance(error, Stopping):
        return GOING_AWAY
    return TRY_LATER if error.retryable else FORBIDDEN


def _parsed(text: str) -> object:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise NonJsonMessageReceived from error


def _short(reason: str) -> str:
    return reason.encode()[:LONGEST_REASON].decode(errors="ignore")
