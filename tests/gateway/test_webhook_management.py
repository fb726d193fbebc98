"""Webhooks are managed by the caller's organization: what is asked of the notifier, and what is answered."""

import asyncio
import base64
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey

from tests.support.databases import until
from tests.support.gateway import ACME, GLOBEX, NOON, GatewayBench, token
from tests.support.webhook_answers import KEY, SECRET, answering, notifier_answer
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import Conflict, NotFound
from vivavoce.contracts import (
    PUBLIC_FACTS,
    ChangeWebhookSettings,
    DeleteWebhook,
    GetSigningKeys,
    ListAttempts,
    ListDeliveries,
    ListWebhooks,
    Question,
    ReplayWebhook,
    RotateWebhookSecret,
    SwitchWebhook,
    UpdateWebhook,
    Value,
    WebhookOptions,
)

BASE = "/api/webhooks"
ONE = f"{BASE}/wh-1"
SINCE = "2026-03-01T12:00:00Z"
DOORS: list[tuple[str, str, Any]] = [
    ("GET", ONE, None),
    ("PATCH", ONE, {"description": "ours"}),
    ("DELETE", ONE, None),
    ("POST", f"{ONE}/enable", None),
    ("POST", f"{ONE}/disable", None),
    ("POST", f"{ONE}/verify", None),
    ("POST", f"{ONE}/rotate-secret", None),
    ("POST", f"{ONE}/test", {"event": "score.generated"}),
    ("POST", f"{ONE}/replay", {"since": SINCE}),
    ("GET", f"{ONE}/replays/rep-1", None),
    ("GET", f"{BASE}/deliveries/del-1", None),
    ("POST", f"{BASE}/deliveries/del-1/replay", None),
    ("GET", f"{BASE}/stream?webhookId=wh-1", None),
]
OF_ALL: list[tuple[str, str, Any]] = [
    ("GET", BASE, None),
    ("GET", f"{BASE}/deliveries", None),
    ("GET", f"{BASE}/attempts", None),
    ("GET", f"{BASE}/settings", None),
    ("PUT", f"{BASE}/settings", {"retentionDays": 7}),
    ("GET", f"{BASE}/event-types", None),
    ("POST", f"{BASE}/portal-link", None),
]


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    key = base64.b64encode(bytes(PrivateKey.generate().public_key)).decode()
    gateway = GatewayBench(tmp_path, notifier_public_key=key, signing_secret="p" * 32)
    gateway.asker.answer = notifier_answer
    return gateway


async def call(
    gateway: GatewayBench, method: str, path: str, body: Any = None, organization: str = ACME
) -> Any:
    async with gateway.client(organization) as client:
        return await client.request(method, path, json=body)


def question(gateway: GatewayBench, kind: type[Any]) -> Any:
    """The one question that was asked."""
    ((asked, _),) = gateway.asker.asked
    assert isinstance(asked, kind)
    return asked


@pytest.mark.parametrize(("method", "path", "body"), DOORS)
async def test_what_is_anothers_is_not_there(
    gateway: GatewayBench, method: str, path: str, body: Any
) -> None:
    gateway.asker.answer = NotFound("There is no webhook wh-1.")
    response = await call(gateway, method, path, body, GLOBEX)
    assert (response.status_code, response.json()["error"]) == (404, "There is no webhook wh-1.")
    ((asked, context),) = gateway.asker.asked
    assert (asked.model_dump()["organization_id"], context.organization_id) == (GLOBEX, GLOBEX)


@pytest.mark.parametrize(("method", "path", "body"), [*DOORS, *OF_ALL])
async def test_whoever_does_not_manage_webhooks_gets_in_nowhere(
    gateway: GatewayBench, method: str, path: str, body: Any
) -> None:
    async with gateway.caller() as nobody, gateway.client(role="candidate") as candidate:
        assert (await nobody.request(method, path, json=body)).status_code == 401
        assert (await candidate.request(method, path, json=body)).status_code == 403
    assert gateway.asker.asked == []


async def test_an_endpoint_is_shown_with_its_options_and_keys(gateway: GatewayBench) -> None:
    body = (await call(gateway, "GET", ONE)).json()
    assert (body["description"], body["filter"], body["rateLimit"]) == (
        "results",
        {"overall": {"gte": 70}},
        5.0,
    )
    assert body["signingKeys"][0] == {
        "id": "key-1",
        "publicKey": KEY.public_key,
        "since": "2026-03-02T12:00:00Z",
        "until": None,
    }
    assert (body["health"], body["deliveries"]["delivered"]) == ("healthy", 3)


async def test_a_page_of_endpoints_is_asked_for_by_cursor(gateway: GatewayBench) -> None:
    body = (await call(gateway, "GET", f"{BASE}?cursor=older&limit=7")).json()
    asked = question(gateway, ListWebhooks)
    assert (asked.cursor, asked.limit, body["nextCursor"]) == ("older", 7, None)


async def test_a_change_names_what_it_changes_and_null_resets(gateway: GatewayBench) -> None:
    await call(gateway, "PATCH", ONE, {"rateLimit": None, "retryDelays": [5, 60], "secret": "ignored"})
    asked = question(gateway, UpdateWebhook)
    assert set(asked.named_options) == {"rate_limit", "retry_delays"}
    assert asked.options == WebhookOptions(retry_delays=(5, 60))
    assert (asked.url, asked.events) == (None, None)


async def test_forgetting_has_no_body(gateway: GatewayBench) -> None:
    response = await call(gateway, "DELETE", ONE)
    assert (response.status_code, response.content) == (204, b"")
    assert question(gateway, DeleteWebhook).endpoint_id == "wh-1"


@pytest.mark.parametrize(
    ("path", "body", "active", "recover"),
    [
        ("enable", None, True, True),
        ("enable", {"recover": False}, True, False),
        ("disable", None, False, True),
    ],
)
async def test_switching_says_whether_to_recover(
    gateway: GatewayBench, path: str, body: Any, active: bool, recover: bool
) -> None:
    assert (await call(gateway, "POST", f"{ONE}/{path}", body)).status_code == 200
    asked = question(gateway, SwitchWebhook)
    assert (asked.active, asked.recover) == (active, recover)


async def test_a_new_secret_is_shown_once(gateway: GatewayBench) -> None:
    response = await call(gateway, "POST", f"{ONE}/rotate-secret", {"secret": "mine", "keepOldSeconds": 60})
    asked = question(gateway, RotateWebhookSecret)
    assert (response.json()["secret"], asked.keep_old_seconds) == (SECRET, 60)
    assert "mine" not in asked.model_dump_json()


async def test_a_refusal_of_the_notifiers_is_the_callers(gateway: GatewayBench) -> None:
    gateway.asker.answer = answering(SendTest=Conflict("Webhook wh-1 is disabled: enable it first."))
    response = await call(gateway, "POST", f"{ONE}/test", {"event": "score.generated"})
    assert (response.status_code, response.json()["error"]) == (
        409,
        "Webhook wh-1 is disabled: enable it first.",
    )


async def test_deliveries_are_asked_for_by_every_filter(gateway: GatewayBench) -> None:
    query = (
        "webhookId=wh-1&status=failed&event=score.generated&since=2026-03-01T13:00:00%2B01:00"
        "&until=2026-03-02T12:00:00Z&updatedAfter=2026-03-02T11:00:00Z&cursor=older&limit=20"
    )
    body = (await call(gateway, "GET", f"{BASE}/deliveries?{query}")).json()
    asked = question(gateway, ListDeliveries)
    assert (asked.endpoint_id, asked.status, asked.event_type) == ("wh-1", "failed", "score.generated")
    assert (asked.since.isoformat(), asked.until, asked.limit) == ("2026-03-01T12:00:00+00:00", NOON, 20)
    assert asked.updated_after is not None
    assert body["nextCursor"] == "older"
    assert body["deliveries"][0] | {"createdAt": "", "updatedAt": ""} == {
        "id": "del-1",
        "webhookId": "wh-1",
        "eventId": "event-1",
        "event": "score.generated",
        "status": "pending",
        "createdAt": "",
        "updatedAt": "",
        "nextAttemptAt": "2026-03-02T12:05:00Z",
        "waiting": None,
        "attempts": 1,
        "lastStatus": 500,
        "lastError": "the endpoint answered 500",
    }


async def test_one_delivery_shows_what_is_sent(gateway: GatewayBench) -> None:
    body = (await call(gateway, "GET", f"{BASE}/deliveries/del-1")).json()
    assert body["payload"].startswith('{"type":"score.generated"')


async def test_attempts_are_asked_for_by_every_filter(gateway: GatewayBench) -> None:
    query = "webhookId=wh-1&deliveryId=del-1&accepted=false&limit=3"
    body = (await call(gateway, "GET", f"{BASE}/attempts?{query}")).json()
    asked = question(gateway, ListAttempts)
    assert (asked.delivery_id, asked.accepted, asked.limit) == ("del-1", False, 3)
    assert (body["attempts"][0]["webhookId"], body["attempts"][0]["responseBody"]) == ("wh-1", "sorry")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("deliveries?limit=0", "limit"),
        ("deliveries?limit=101", "limit"),
        ("deliveries?status=lost", "status"),
        ("deliveries?event=interview.submitted", "event"),
        ("deliveries?since=yesterday", "since"),
        ("deliveries?since=2026-03-01T12:00:00", "since"),
        ("deliveries?since=0001-01-01T00:00:00%2B14:00", "since"),
        ("attempts?accepted=perhaps", "accepted"),
        ("attempts?cursor=", "cursor"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused_by_field(
    gateway: GatewayBench, query: str, path: str
) -> None:
    response = await call(gateway, "GET", f"{BASE}/{query}")
    assert (response.status_code, [each["path"] for each in response.json()["fields"]]) == (400, [path])


async def test_a_time_is_replayed(gateway: GatewayBench) -> None:
    response = await call(gateway, "POST", f"{ONE}/replay", {"since": SINCE, "missingOnly": True})
    asked = question(gateway, ReplayWebhook)
    assert (response.status_code, asked.until, asked.missing_only) == (202, None, True)
    body = response.json()
    assert (body["id"], body["webhookId"], body["state"], body["queued"]) == ("rep-1", "wh-1", "running", 7)
    refused = await call(gateway, "POST", f"{ONE}/replay", {"since": SINCE, "until": SINCE})
    assert refused.status_code == 400


async def test_settings_are_read_and_changed(gateway: GatewayBench) -> None:
    assert (await call(gateway, "PUT", f"{BASE}/settings", {"retentionDays": 7})).json() == {
        "retentionDays": 30
    }
    assert question(gateway, ChangeWebhookSettings).retention_days == 7
    assert (await call(gateway, "PUT", f"{BASE}/settings", {"retentionDays": 4})).status_code == 400
    assert (await call(gateway, "GET", f"{BASE}/settings")).json() == {"retentionDays": 30}


async def test_every_event_is_described_with_an_example(gateway: GatewayBench) -> None:
    described = (await call(gateway, "GET", f"{BASE}/event-types")).json()
    assert [each["type"] for each in described] == list(PUBLIC_FACTS)
    for each in described:
        assert each["description"].startswith("Emitted when")
        assert set(each["example"]) == set(each["schema"]["properties"])


async def test_public_keys_are_for_anyone(gateway: GatewayBench) -> None:
    async with gateway.caller() as nobody:
        response = await nobody.get(f"{ONE}/jwks.json")
    (key,) = response.json()["keys"]
    assert (key["kty"], key["crv"], key["kid"], key["x"]) == ("OKP", "Ed25519", "key-1", KEY.public_key)
    assert response.headers["cache-control"] == "public, max-age=10"


@pytest.mark.parametrize("known", [True, False])
async def test_a_crowd_that_asks_for_keys_asks_the_notifier_once(gateway: GatewayBench, known: bool) -> None:
    gateway.asker.answer = answering(**({} if known else {"GetSigningKeys": NotFound("no")}))
    async with gateway.caller() as nobody:
        statuses = {(await nobody.get(f"{ONE}/jwks.json")).status_code for _ in range(5)}
        assert statuses == {200 if known else 404}
        assert question(gateway, GetSigningKeys).endpoint_id == "wh-1"
        await gateway.clock.advance(gateway.parts.webhooks.signing_keys.kept)
        await nobody.get(f"{ONE}/jwks.json")
    assert len(gateway.asker.asked) == 2


async def test_guessing_ids_does_not_crowd_out_other_questions(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most, go_on = 0, 0, asyncio.Event()

    async def slow(asked: Question, context: Context, *, within: timedelta) -> Value:
        nonlocal under_way, most
        under_way, most = under_way + 1, max(most, under_way + 1)
        await go_on.wait()
        under_way -= 1
        raise NotFound("no")

    monkeypatch.setattr(gateway.asker, "ask", slow)
    async with gateway.caller() as nobody:
        guesses = [
            asyncio.create_task(nobody.get(f"{BASE}/guess-{number}/jwks.json")) for number in range(150)
        ]
        await until(lambda: sum(guess.done() for guess in guesses) == 50)
        go_on.set()
        statuses = Counter([(await guess).status_code for guess in guesses])
    assert (most, statuses) == (4, {404: 100, 503: 50})


async def test_a_token_in_another_place_is_no_credential(gateway: GatewayBench) -> None:
    async with gateway.caller() as nobody:
        assert (await nobody.get(f"{BASE}?token={token()}")).status_code == 401
