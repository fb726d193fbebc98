"""Webhook settings are asked of the notifier; secrets travel sealed."""

import base64
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from tests.support.gateway import GatewayBench
from tests.support.webhook_answers import ENDPOINT, SECRET, notifier_answer
from vivavoce.chassis.errors import (
    Conflict,
    DeadlineExceeded,
    FieldProblem,
    InfrastructureAway,
    InvalidInput,
)
from vivavoce.contracts import RegisterWebhook, WebhookRegistered

NOTIFIER = PrivateKey.generate()
PATH = "/api/webhooks/register"
BODY: dict[str, Any] = {
    "url": "https://your-app.com/webhook",
    "events": ["interview.completed", "score.generated"],
    "secret": "your-webhook-secret",
}


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    key = base64.b64encode(bytes(NOTIFIER.public_key)).decode()
    return GatewayBench(tmp_path, notifier_public_key=key)


async def register(gateway: GatewayBench, **changes: Any) -> Any:
    body = {name: value for name, value in {**BODY, **changes}.items() if value is not None}
    async with gateway.client(role="interviewer") as client:
        return await client.post(PATH, json=body)


async def test_a_new_endpoint_is_answered_with_its_secret(gateway: GatewayBench) -> None:
    gateway.asker.answer = notifier_answer
    response = await register(gateway)
    assert response.status_code == 201
    body = response.json()
    assert (body["id"], body["secret"]) == ("wh-1", SECRET)
    assert body["deliveries"]["delivered"] == 3


async def test_the_secret_travels_sealed_to_the_notifier(gateway: GatewayBench) -> None:
    gateway.asker.answer = notifier_answer
    await register(gateway, secret="çok gizli")
    question = gateway.asker.asked[0][0]
    assert isinstance(question, RegisterWebhook)
    assert question.sealed_secret is not None
    assert SealedBox(NOTIFIER).decrypt(base64.b64decode(question.sealed_secret)).decode() == "çok gizli"


async def test_without_a_secret_none_is_sent(gateway: GatewayBench) -> None:
    gateway.asker.answer = notifier_answer
    await register(gateway, secret=None, events=["score.generated", "score.generated"])
    question = gateway.asker.asked[0][0]
    assert isinstance(question, RegisterWebhook)
    assert (question.sealed_secret, question.events) == (None, ("score.generated",))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"url": "ftp://a.example"}, "url"),
        ({"url": "https://a.example/" + "x" * 2048}, "url"),
        ({"events": []}, "events"),
        ({"events": ["interview.submitted"]}, "events.0"),
        ({"secret": ""}, "secret"),
        ({"secret": "x" * 10_000}, "secret"),
        ({"secret": 7}, "secret"),
        ({"description": "x" * 501}, "description"),
        ({"retryDelays": []}, "retryDelays"),
        ({"retryDelays": [5, 0]}, "retryDelays.1"),
        ({"rateLimit": 0}, "rateLimit"),
        ({"rateLimit": "5"}, "rateLimit"),
        ({"concurrency": 101}, "concurrency"),
        ({"ordered": "yes"}, "ordered"),
        ({"filter": ["overall"]}, "filter"),
        ({"filter": {"feedback": "a\x00b"}}, "filter"),
        ({"filter": {"a": {"b": [[[[[[[[1]]]]]]]]}}}, "filter"),
    ],
)
async def test_what_cannot_be_registered_is_refused_by_field(
    gateway: GatewayBench, changes: dict[str, Any], path: str
) -> None:
    response = await register(gateway, **changes)
    assert response.status_code == 400
    assert [problem["path"] for problem in response.json()["fields"]] == [path]
    assert gateway.asker.asked == []


@pytest.mark.parametrize("error", [DeadlineExceeded("late"), InfrastructureAway("away")])
async def test_a_silent_notifier_is_a_503_with_a_time_to_wait(
    gateway: GatewayBench, error: Exception
) -> None:
    gateway.asker.answer = error
    async with gateway.client() as client:
        listed = await client.get("/api/webhooks")
    assert (listed.status_code, listed.headers["retry-after"]) == (503, "10")
    assert {"error", "correlationId"} <= listed.json().keys()
    response = await register(gateway)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "10"
    assert response.json()["error"].endswith("a repeat for the same URL replaces the first.")
    assert response.json()["correlationId"]


async def test_the_fields_of_a_refusal_have_the_names_of_the_body(gateway: GatewayBench) -> None:
    problems = (FieldProblem("retry_delays.0", "too short"), FieldProblem("filter.no_such.x", "no field"))
    gateway.asker.answer = InvalidInput("no", problems=problems)
    response = await register(gateway)
    assert [field["path"] for field in response.json()["fields"]] == ["retryDelays.0", "filter.no_such.x"]


@pytest.mark.parametrize(("error", "status"), [(InvalidInput("no"), 400), (Conflict("full"), 409)])
async def test_the_notifiers_refusal_is_the_callers(
    gateway: GatewayBench, error: Exception, status: int
) -> None:
    gateway.asker.answer = error
    response = await register(gateway)
    assert (response.status_code, response.json()["error"]) == (status, str(error))


async def test_without_the_notifiers_key_no_secret_is_taken(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path)
    gateway.asker.answer = notifier_answer
    assert (await register(gateway)).status_code == 503
    assert (await register(gateway, secret=None)).status_code == 201


async def test_endpoints_are_listed_with_their_deliveries(gateway: GatewayBench) -> None:
    gateway.asker.answer = notifier_answer
    async with gateway.client() as client:
        (listed,) = (await client.get("/api/webhooks")).json()["webhooks"]
    assert listed["url"] == BODY["url"]
    assert "secret" not in listed


async def test_candidates_manage_no_webhooks(gateway: GatewayBench) -> None:
    async with gateway.client(role="candidate") as client:
        assert (await client.get("/api/webhooks")).status_code == 403


async def test_an_answer_that_was_sealed_to_another_is_a_fault(gateway: GatewayBench) -> None:
    gateway.asker.answer = WebhookRegistered(endpoint=ENDPOINT, secret=base64.b64encode(b"x" * 64).decode())
    assert (await register(gateway)).status_code == 502
