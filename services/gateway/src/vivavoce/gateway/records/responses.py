"""How the records family answers: bodies, ETags, its own 404, and what OpenAPI says of them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from sse_starlette import EventSourceResponse

from vivavoce.chassis.errors import NotFound, VivaError
from vivavoce.gateway.documentation import RETRY_AFTER, failures
from vivavoce.gateway.interviews.repository import Interview
from vivavoce.gateway.interviews.rules import is_ready
from vivavoce.gateway.interviews.service import AnswerRead
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.records.result_schemas import JobFailed, JobNotFound, JobSucceeded
from vivavoce.gateway.records.results import accepted, job_result
from vivavoce.gateway.records.service import Submitted
from vivavoce.gateway.records.stream import SEPARATOR, interview_events, keep_alive
from vivavoce.gateway.watching import Check, while_allowed

ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Names this state of the result."}}
RESULT_RESPONSES: dict[int | str, dict[str, Any]] = {
    **failures(400, 401, 403, 503),
    200: {
        "model": JobSucceeded | JobFailed,
        "description": "The result, or why there can be none.",
        "headers": ETAG,
    },
    304: {"description": "The result is still the one that `If-None-Match` names.", "headers": ETAG},
    404: {
        "model": JobNotFound,
        "description": "Not there, or not ready: with `Retry-After` seconds when it is being worked on.",
        "headers": RETRY_AFTER,
    },
}
LOCATION: dict[str, Any] = {
    "headers": {"Location": {"schema": {"type": "string"}, "description": "Where its progress is told."}}
}
EVENT_STREAM: dict[str, Any] = {
    "description": "Stored happenings, each with its number as `id` and its fact's type as `event`; "
    "`pipeline.progress` between them without an id; comments while nothing happens. The stream ends "
    "after `interview.completed`.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'id: 2\nevent: media.features\ndata: {"sequence": 2, "type": "media.features"}\n\n',
        }
    },
}


class ResultNotFound(NotFound):
    """No such answer, or not ready yet, in the reference's own shape."""


def install(app: FastAPI) -> None:
    """Have the family's own 404 rendered."""
    app.add_exception_handler(ResultNotFound, _render_result_not_found)


async def _render_result_not_found(_: Request, error: Exception) -> Response:
    wait = error.retry_after if isinstance(error, VivaError) else None
    headers = {} if wait is None else {"Retry-After": str(int(wait))}
    return json_response(JobNotFound(), status=404, headers={**headers, "Cache-Control": "no-store"})


def json_response(
    body: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A body by the reference's names."""
    return Response(
        body.model_dump_json(by_alias=True), status, headers=headers, media_type="application/json"
    )


def accepted_response(submitted: Submitted) -> Response:
    """202 for what is new, 200 for a repeat; `warnings` only where there are some."""
    body = accepted(submitted.interview)
    content = body.model_dump_json(by_alias=True, exclude=None if body.warnings else {"warnings"})
    return Response(
        content,
        200 if submitted.repeated else 202,
        headers={"Location": f"/api/interview-record/{body.interview_record_id}"},
        media_type="application/json",
    )


def result_response(read: AnswerRead | None, parts: Parts, if_none_match: str | None) -> Response:
    """The result with its ETag, or 304; raises ResultNotFound for what isn't there or isn't ready."""
    if read is None:
        raise ResultNotFound("There is no such result.")
    if not is_ready(read.answer, read.interview, parts.clock.now(), parts.settings.result_waits):
        raise ResultNotFound("Not ready.", retry_after=parts.settings.result_retry_seconds)
    content = job_result(read.answer, read.interview).model_dump_json(by_alias=True).encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and _names(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


def event_stream(interview: Interview, parts: Parts, after: int, check: Check) -> Response:
    """The interview's happenings after a number, or 204 when all of them were sent and none will come.

    They end when `check` refuses one.
    """
    settings, ended_at = parts.settings, interview.ended_at
    ended_for = None if ended_at is None else (parts.clock.now() - ended_at).total_seconds()
    settle = settings.result_settle_seconds
    if ended_for is not None and ended_for >= settle and after == interview.sequence:
        return Response(status_code=204)
    events = interview_events(
        interview,
        parts.interviews,
        parts.board,
        after=after,
        poll=settings.stream_poll_seconds,
        settle=settle,
        ended_for=ended_for,
    )
    return EventSourceResponse(
        while_allowed(events, check),
        ping=settings.stream_ping_seconds,
        sep=SEPARATOR,
        ping_message_factory=keep_alive,
    )


def _names(if_none_match: str, etag: str) -> bool:
    given = (part.strip().removeprefix("W/") for part in if_none_match.split(","))
    return any(part in {etag, "*"} for part in given)
