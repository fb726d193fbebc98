"""Following webhooks: what changes at the notifier is told to whoever looks, each change once."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import until
from tests.support.gateway import GatewayBench, token
from tests.support.sse import Stream, events_of, open_stream
from tests.support.webhook_answers import DELIVERY, ENDPOINT, answering
from vivavoce.chassis.errors import DeadlineExceeded, NotFound
from vivavoce.contracts import (
    DeliveriesListed,
    DeliveryStatus,
    ListDeliveries,
    WebhookDelivery,
    WebhookFound,
    WebhooksListed,
)

PATH = "/api/webhooks/stream"


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    gateway = GatewayBench(tmp_path, portal_poll_seconds=0.01, webhook_streams=2)
    tell(gateway)
    return gateway


def tell(gateway: GatewayBench, *deliveries: WebhookDelivery, **replies: Any) -> None:
    """What the notifier says from now on."""
    script = {
        "ListDeliveries": DeliveriesListed(deliveries=deliveries),
        "ListWebhooks": WebhooksListed(endpoints=()),
        **replies,
    }
    gateway.asker.answer = answering(**script)


def reading(gateway: GatewayBench, query: str = "") -> AbstractAsyncContextManager[Stream]:
    return open_stream(gateway.app, PATH, {"Authorization": f"Bearer {token()}"}, query)


def looks(gateway: GatewayBench) -> Callable[[], int]:
    return lambda: sum(isinstance(asked, ListDeliveries) for asked, _ in gateway.asker.asked)


async def looked_again(gateway: GatewayBench, times: int = 3) -> None:
    """Return when the notifier has been asked some more times."""
    count = looks(gateway)
    before = count()
    await until(lambda: count() >= before + times)


def told(stream: Stream, name: str) -> list[Any]:
    return [json.loads(event["data"]) for event in events_of(stream.text) if event.get("event") == name]


async def test_a_delivery_is_told_once_for_each_change(gateway: GatewayBench) -> None:
    later = {"status": DeliveryStatus.DELIVERED, "updated_at": DELIVERY.updated_at + timedelta(seconds=1)}
    async with reading(gateway) as stream:
        tell(gateway, DELIVERY)
        await stream.until('"pending"')
        await looked_again(gateway)
        tell(gateway, DELIVERY.model_copy(update=later))
        await stream.until('"delivered"')
        await looked_again(gateway)
    assert [each["status"] for each in told(stream, "delivery")] == ["pending", "delivered"]
    assert told(stream, "delivery")[0]["webhookId"] == "wh-1"


async def test_the_endpoint_of_a_delivery_is_told_when_it_has_changed(gateway: GatewayBench) -> None:
    async with reading(gateway) as stream:
        tell(gateway, DELIVERY)
        await stream.until("event: endpoint")
        await looked_again(gateway)
    assert [each["id"] for each in told(stream, "endpoint")] == ["wh-1"]


async def test_changed_settings_are_told_without_any_delivery(gateway: GatewayBench) -> None:
    async with reading(gateway) as stream:
        tell(gateway, ListWebhooks=WebhooksListed(endpoints=(ENDPOINT,)))
        await stream.until("event: endpoint")
    assert told(stream, "delivery") == []


async def test_one_endpoint_is_followed_until_it_is_gone(gateway: GatewayBench) -> None:
    off = ENDPOINT.model_copy(update={"active": False})
    async with reading(gateway, "webhookId=wh-1") as stream:
        await looked_again(gateway)
        tell(gateway, GetWebhook=WebhookFound(endpoint=off))
        await stream.until("event: endpoint")
        tell(gateway, GetWebhook=NotFound("There is no webhook wh-1."))
        await stream.until_ended()
    assert [each["active"] for each in told(stream, "endpoint")] == [False]
    asked = [each for each, _ in gateway.asker.asked if isinstance(each, ListDeliveries)]
    assert {each.endpoint_id for each in asked} == {"wh-1"}


async def test_while_the_notifier_is_away_the_reader_is_kept(gateway: GatewayBench) -> None:
    async with reading(gateway) as stream:
        tell(gateway, ListDeliveries=DeadlineExceeded("late"))
        await looked_again(gateway)
        tell(gateway, DELIVERY)
        await stream.until("event: delivery")
    assert ": still here" in stream.text


async def test_an_organization_has_so_many_streams_and_no_more(gateway: GatewayBench) -> None:
    async with reading(gateway) as first:
        await first.until("still here")
        async with reading(gateway) as second:
            await second.until("still here")
            async with gateway.client() as client:
                refused = await client.get(PATH)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    async with reading(gateway) as third:
        await third.until("still here")
        assert third.status == 200
