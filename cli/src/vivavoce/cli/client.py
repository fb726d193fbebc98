"""The gateway as the command line calls it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from vivavoce.chassis.retry_after import seconds_until
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.views import AcceptedView, InterviewState, JobView

CALL_SECONDS = 30.0
QUIET_STREAM_SECONDS = 45.0
AWAY = frozenset(
    {
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
        httpx.codes.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True)
class StreamEvent:
    """One server-sent event: its name and its JSON data."""

    name: str
    data: Mapping[str, Any]


class Gateway:
    """Calls to one gateway; raises CommandFailed when it refuses, GatewayAway when it can't serve now."""

    def __init__(self, base_url: str, token: str | None = None, http: httpx.Client | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = http or httpx.Client(
            base_url=base_url, headers=headers, timeout=CALL_SECONDS, trust_env=False
        )

    def submit(self, body: Mapping[str, Any]) -> AcceptedView:
        """Hand in a recorded interview."""
        return AcceptedView.model_validate(self._call("POST", "/api/interview-record", body))

    def interview(self, interview_id: str) -> InterviewState | None:
        """How far an interview has come, or None when there is none with this id."""
        found = self._find(f"/api/interview-record/{interview_id}")
        return None if found is None else InterviewState.model_validate(found)

    def job(self, pipeline_id: str) -> JobView | None:
        """How an answer ended, or None when it has not, or there is none with this id."""
        found = self._find(f"/api/job-result/by-job/{pipeline_id}")
        return None if found is None else JobView.model_validate(found)

    def create_api_key(self, name: str) -> Mapping[str, Any]:
        """A new API key; its secret is shown only here."""
        return self._call("POST", "/api/admin/api-keys", {"name": name})

    def events(self, interview_id: str) -> Iterator[StreamEvent]:
        """The interview's stored happenings and progress, as they come, until the stream ends."""
        path = f"/api/interview-record/{interview_id}/events"
        timeout = httpx.Timeout(CALL_SECONDS, read=QUIET_STREAM_SECONDS)
        with (
            _reaching(),
            self._http.stream(
                "GET", path, timeout=timeout, headers={"Accept": "text/event-stream"}
            ) as response,
        ):
            if response.is_error:
                response.read()
                raise _refused(response)
            yield from parse_events(response.iter_lines())

    def _find(self, path: str) -> Mapping[str, Any] | None:
        with _reaching():
            response = self._http.get(path)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        return _body(response)

    def _call(self, method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        with _reaching():
            response = self._http.request(method, path, json=body)
        return _body(response)


class GatewayAway(CommandFailed):
    """The gateway can't be reached, or can't serve now; trying again may help.

    `retry_after` is how many seconds it asks to be left alone.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise GatewayAway(
            f"The gateway doesn't answer ({type(error).__name__}); see `viva status`."
        ) from error


def _body(response: httpx.Response) -> Mapping[str, Any]:
    if response.is_error:
        raise _refused(response)
    body: Mapping[str, Any] = response.json()
    return body


def _refused(response: httpx.Response) -> CommandFailed:
    if response.status_code not in AWAY:
        return CommandFailed(_refusal(response))
    wish = seconds_until(response.headers.get("Retry-After"), datetime.now(UTC))
    return GatewayAway(_refusal(response), wish)


def _refusal(response: httpx.Response) -> str:
    try:
        told = response.json()
    except ValueError:
        told = {}
    said = told.get("error") or told.get("message") or response.reason_phrase
    details = told.get("details")
    return f"The gateway refuses ({response.status_code}): {said}{f' {details}' if details else ''}"


def parse_events(lines: Iterator[str]) -> Iterator[StreamEvent]:
    """The events of a text/event-stream; comments, ids and events without JSON data are left out."""
    name, data = "message", ""
    for line in lines:
        field, _, value = line.partition(":")
        if not line:
            if data:
                yield StreamEvent(name, json.loads(data))
            name, data = "message", ""
        elif field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data += value.removeprefix(" ")
