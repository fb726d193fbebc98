"""Webhooks in GraphQL: the reads of REST, for whoever manages webhooks."""

from typing import Any

import pytest

from tests.support.gateway import ACME, GatewayBench
from tests.support.webhook_answers import answering, notifier_answer
from vivavoce.chassis.errors import NotFound
from vivavoce.contracts import ListAttempts, ListDeliveries, ListWebhooks

WEBHOOK = """{ webhook(id: "wh-1") { id url events active filter rateLimit health disabledReason
  signingKeys { publicKey } deliveries { delivered lastError } } }"""
DELIVERY = """{ webhookDelivery(id: "del-1") { event status payload attemptCount
  attempts { status trigger requestHeaders responseBody } } }"""
DELIVERIES = """query Some($after: String) {
  webhookDeliveries(webhookId: "wh-1", status: FAILED, event: "score.generated", first: 3, after: $after,
    since: "2026-03-01T12:00:00Z") { nodes { id webhookId nextAttemptAt } nextCursor } }"""


@pytest.fixture
def gateway(gateway: GatewayBench) -> GatewayBench:
    gateway.asker.answer = notifier_answer
    return gateway


async def ask(gateway: GatewayBench, query: str, role: str = "admin", **variables: Any) -> dict[str, Any]:
    async with gateway.client(role=role) as client:
        response = await client.post("/graphql", json={"query": query, "variables": variables})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_an_endpoint_is_read_with_its_health_and_keys(gateway: GatewayBench) -> None:
    webhook = (await ask(gateway, WEBHOOK))["data"]["webhook"]
    assert (webhook["filter"], webhook["health"], webhook["rateLimit"]) == (
        {"overall": {"gte": 70}},
        "HEALTHY",
        5.0,
    )
    assert (webhook["deliveries"]["delivered"], len(webhook["signingKeys"])) == (3, 1)


async def test_endpoints_are_read_page_by_page(gateway: GatewayBench) -> None:
    body = await ask(gateway, '{ webhooks(first: 7, after: "older") { nodes { id } nextCursor } }')
    assert body["data"]["webhooks"] == {"nodes": [{"id": "wh-1"}], "nextCursor": None}
    ((asked, context),) = gateway.asker.asked
    assert isinstance(asked, ListWebhooks)
    assert (asked.cursor, asked.limit, asked.organization_id) == ("older", 7, ACME)
    assert context.organization_id == ACME


async def test_deliveries_are_read_by_filters(gateway: GatewayBench) -> None:
    page = (await ask(gateway, DELIVERIES, after="older"))["data"]["webhookDeliveries"]
    assert (page["nodes"][0]["webhookId"], page["nextCursor"]) == ("wh-1", "older")
    ((asked, _),) = gateway.asker.asked
    assert isinstance(asked, ListDeliveries)
    assert (asked.endpoint_id, asked.status, asked.limit) == ("wh-1", "failed", 3)


async def test_a_delivery_is_read_with_its_attempts(gateway: GatewayBench) -> None:
    delivery = (await ask(gateway, DELIVERY))["data"]["webhookDelivery"]
    assert delivery["attempts"] == [
        {
            "status": 500,
            "trigger": "SCHEDULE",
            "requestHeaders": {"webhook-id": "event-1"},
            "responseBody": "sorry",
        }
    ]
    assert delivery["payload"].startswith('{"type":"score.generated"')
    asked = gateway.asker.asked[-1][0]
    assert isinstance(asked, ListAttempts)
    assert asked.delivery_id == "del-1"


@pytest.mark.parametrize("query", [WEBHOOK, DELIVERY])
async def test_what_is_not_there_is_null(gateway: GatewayBench, query: str) -> None:
    gateway.asker.answer = answering(GetWebhook=NotFound("no"), GetDelivery=NotFound("no"))
    body = await ask(gateway, query)
    assert list(body["data"].values()) == [None]
    assert "errors" not in body


async def test_candidates_read_no_webhooks(gateway: GatewayBench) -> None:
    body = await ask(gateway, WEBHOOK, role="candidate")
    assert body["errors"][0]["extensions"]["code"] == "forbidden"
    assert gateway.asker.asked == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("first: 0", "limit"),
        ("first: 101", "limit"),
        ('event: "interview.submitted"', "event"),
        ('since: "2026-03-01T12:00:00"', "since"),
    ],
)
async def test_arguments_that_cannot_be_are_named(gateway: GatewayBench, arguments: str, named: str) -> None:
    body = await ask(gateway, f"{{ webhookDeliveries({arguments}) {{ nextCursor }} }}")
    assert body["errors"][0]["extensions"]["code"] == "invalid_input"
    assert named in body["errors"][0]["message"]
    assert gateway.asker.asked == []
