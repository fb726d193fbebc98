"""Secrets and people's data, handed in wherever callers can: found in no log, fact, metric or span."""

import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from tests.support.delivery import settings
from tests.support.gateway import ACME, HOST, question, submission, token
from tests.support.house import House
from tests.support.plain_log import log_plainly
from tests.support.spans import Kept, own, recorded
from vivavoce.chassis.log import configure_logging
from vivavoce.chassis.wire import Headers
from vivavoce.contracts import InterviewSubmitted, RecordingRequested, all_topics

NAME, SURNAME, EMAIL = "Zephyrine", "Quillfeather", "zephyrine.q@example.org"
PEOPLE = (NAME, SURNAME, EMAIL, "zephyrine.q")
SIGNATURE = "signature-that-opens-a-recording"
PASSWORD = "correct-horse-battery-staple"
COOKIE = "cookie-that-opens-a-session"
QUERY = "credential-in-a-query"
CHOSEN = "secret-that-a-subscriber-chose"
REFRESH = "vivart_" + "R" * 43
API_KEY = "viva_0123456789ab_" + "K" * 43
HOOK_PATH = "capability-in-a-path"
SECRETS = (SIGNATURE, PASSWORD, COOKIE, QUERY, CHOSEN, "R" * 43, "K" * 43, HOOK_PATH)
CRASH = f"{EMAIL} sent password='{PASSWORD}' with Bearer {API_KEY}, and '{NAME} {SURNAME}'"
MARKED = {
    "name": NAME,
    "surname": SURNAME,
    "email": EMAIL,
    "password": PASSWORD,
    "refresh_token": REFRESH,
    "secret": CHOSEN,
    "url": f"https://hooks.example/{HOOK_PATH}?sig={SIGNATURE}",
    "candidate": {"name": NAME, "email": EMAIL},
    "query": f'query {{ interviews(userId: "{EMAIL}") {{ id }} }}',
    "variables": {"password": PASSWORD, "email": EMAIL},
}
BAD_BODIES: tuple[bytes, ...] = (
    f'{{"password": "{PASSWORD}", "email": "{EMAIL}"'.encode(),
    f'["{API_KEY}", "{SURNAME}"]'.encode(),
    f"{EMAIL}\xff\xfe{CHOSEN}".encode("latin-1"),
)


class Told:
    """Everything that a house has told about itself."""

    def __init__(self, house: House, kept: Kept, log: StringIO) -> None:
        self.house = house
        self.log = log
        self.kept = kept

    async def to_operators(self) -> str:
        """Logs, metrics and spans."""
        spans = "\n".join(span.to_json() for span in self.kept.spans)
        encode, _ = choose_encoder("application/openmetrics-text; version=1.0.0")
        return "\n".join((self.log.getvalue(), encode(REGISTRY).decode(), spans))

    async def facts(self) -> list[tuple[str, bytes]]:
        """All that was ever sent between services, headers and bodies, by topic."""
        await self.house.settle()
        topics = [topic.name for topic in all_topics()]
        return [
            (record.topic, whole(record.headers, record.value))
            for topic in topics
            for record in self.house.bus.records(topic)
        ]


def whole(headers: Headers, value: bytes | None) -> bytes:
    return b"\n".join([*(name.encode() + b": " + told for name, told in headers), value or b""])


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    log = StringIO()
    with redirect_stdout(log):
        configure_logging(settings("house").model_copy(update={"log_level": "DEBUG"}))
    with recorded() as kept:
        yield Told(House(tmp_path), kept, log)
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    log_plainly()


@pytest.fixture
async def caller(told: Told) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who hands in marked headers, with every request."""
    transport = httpx.ASGITransport(told.house.gateway.app, client=("203.0.113.9", 50_000))
    headers = {"Cookie": f"session={COOKIE}", "Authorization": f"Bearer {token(ACME)}"}
    async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers) as client:
        yield client


def found_in(text: str, marks: Sequence[str]) -> list[str]:
    return [mark for mark in marks if mark in text]


async def submit(caller: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    candidate = {"name": NAME, "surname": SURNAME, "email": EMAIL}
    url = f"https://media.example/1/one.mp4?signature={SIGNATURE}"
    body = submission("req-1", [question(1, url=url)], candidate=candidate, **changes)
    return await caller.post("/api/interview-record", json=body)


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path of the published description, with a marked value in each place of a path."""
    paths = app.openapi()["paths"]
    return [(method.upper(), filled(path)) for path, methods in paths.items() for method in methods]


def filled(path: str) -> str:
    parts = [QUERY if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


async def test_an_interview_with_webhooks_leaves_no_secret_and_nobody(
    told: Told, caller: httpx.AsyncClient
) -> None:
    hook = {"url": f"https://hooks.example/{HOOK_PATH}", "events": ["score.generated"], "secret": CHOSEN}
    assert (await caller.post("/api/webhooks/register", json=hook)).status_code == 201
    assert (await submit(caller)).status_code == 202
    facts = await told.facts()
    assert told.house.sender.sent
    shown = await told.to_operators()
    assert "POST /api/interview-record" in shown
    assert found_in(shown, (*SECRETS, *PEOPLE, token(ACME))) == []
    for mark in (*SECRETS, *PEOPLE):
        topics = {topic for topic, text in facts if mark.encode() in text}
        assert topics <= allowed(mark), (mark, topics)


def allowed(mark: str) -> set[str]:
    """Where the contracts have it: the address of a recording, the terms to mask, the hook to register."""
    if mark == SIGNATURE:
        return {RecordingRequested.type}
    if mark in PEOPLE:
        return {InterviewSubmitted.type}
    return {"notifier.requests", "gateway.replies"} if mark == HOOK_PATH else set()


async def test_people_are_named_among_the_terms_to_mask_only(told: Told, caller: httpx.AsyncClient) -> None:
    await submit(caller)
    await told.house.settle()
    (record,) = told.house.bus.records(InterviewSubmitted.type)
    fact = InterviewSubmitted.model_validate_json(record.value or b"")
    assert found_in(fact.model_copy(update={"masked_terms": ()}).model_dump_json(), PEOPLE) == []
    assert found_in(whole(record.headers, b"").decode(), PEOPLE) == []


async def test_whatever_is_handed_to_any_route_stays_out_of_sight(
    told: Told, caller: httpx.AsyncClient
) -> None:
    credentials: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": f"Bearer {API_KEY}"},
        {"Authorization": "", "apiKey": API_KEY},
    )
    for method, path in routes(told.house.gateway.app):
        for headers in credentials:
            address = f"{path}?token={QUERY}&api_key={API_KEY}&email={EMAIL}"
            if not path.endswith(("/events", "/stream")):
                await caller.request(method, address, json=MARKED, headers=headers)
    shown = await told.to_operators()
    assert found_in(shown, (*SECRETS, *PEOPLE)) == []


async def test_bodies_that_are_wrong_are_not_quoted_to_operators(
    told: Told, caller: httpx.AsyncClient
) -> None:
    for body in BAD_BODIES:
        for path in ("/api/interview-record", "/graphql", "/api/webhooks/register"):
            headers = {"Content-Type": "application/json"}
            response = await caller.post(path, content=body, headers=headers)
            assert response.status_code < 500
    await submit(caller, extra={"password": PASSWORD})
    assert found_in(await told.to_operators(), (*SECRETS, *PEOPLE)) == []


async def test_a_crash_is_told_without_what_it_quotes(told: Told, caller: httpx.AsyncClient) -> None:
    async def crash() -> None:
        raise ValueError(CRASH)

    told.house.gateway.app.router.routes.insert(0, APIRoute("/crash", crash))
    assert (await caller.get("/crash")).status_code == 500
    shown = await told.to_operators()
    assert "request_crashed" in shown
    assert "ValueError" in shown
    assert found_in(shown, (*SECRETS, *PEOPLE)) == []


async def test_libraries_are_held_to_the_same(told: Told) -> None:
    for library in (
        "uvicorn.error",
        "aiokafka.consumer",
        "pymongo.command",
        "faststream",
        "httpx",
        "asyncio",
    ):
        logging.getLogger(library).error("failed: %s", CRASH.replace(f"'{NAME} {SURNAME}'", "somebody"))
        logging.getLogger(library).warning({"url": MARKED["url"], "password": PASSWORD})
    assert found_in(await told.to_operators(), (PASSWORD, "K" * 43, EMAIL, SIGNATURE)) == []


async def test_lines_of_one_request_share_the_ids_of_its_trace(told: Told, caller: httpx.AsyncClient) -> None:
    async def crash() -> None:
        raise ValueError("x")

    told.house.gateway.app.router.routes.insert(0, APIRoute("/crash", crash))
    await caller.get("/crash")
    lines = [json.loads(line) for line in told.log.getvalue().splitlines()]
    (line,) = (each for each in lines if each["event"] == "request_crashed")
    assert line["trace_id"] == f"{own(told.kept.spans[0]).trace_id:032x}"
    assert line["span_id"]
