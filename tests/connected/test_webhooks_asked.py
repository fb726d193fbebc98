"""Everything that is asked about webhooks, from HTTP over the broker to the notifier's database and back."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from fastapi import FastAPI
from nacl.public import PrivateKey
from nacl.signing import VerifyKey
from standardwebhooks import Webhook

from tests.support.databases import until
from tests.support.embedded_kafka import EmbeddedKafka
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.gateway import ACME, AUDIENCE, GLOBEX, HOST, ISSUER, jwks_file, token
from tests.support.sse import open_stream
from vivavoce.contracts.ids import new_id
from vivavoce.gateway import app as gateway
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.notifier import app as notifier
from vivavoce.notifier.settings import NotifierSettings

pytestmark = pytest.mark.connected
EVENT = "score.generated"


@dataclass
class Hook:
    """A subscriber that shakes hands when it `agrees`, and remembers what is posted."""

    agrees: bool = True
    status: int = 204
    url: str = ""
    taken: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def options(self, request: web.Request) -> web.Response:
        """The CloudEvents handshake."""
        allowed = {"WebHook-Allowed-Origin": request.headers["WebHook-Request-Origin"]}
        return web.Response(headers=allowed if self.agrees else {})

    async def post(self, request: web.Request) -> web.Response:
        """What is delivered."""
        self.taken.append(
            ({name.lower(): value for name, value in request.headers.items()}, await request.text())
        )
        return web.Response(status=self.status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook, app = Hook(), web.Application()
    app.router.add_options("/hook", hook.options)
    app.router.add_post("/hook", hook.post)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    hook.url = f"http://127.0.0.1:{server.port}/hook"
    yield hook
    await server.close()


@pytest.fixture
async def door(
    tmp_path: Path, embedded_mongo: EmbeddedMongo, embedded_kafka: EmbeddedKafka
) -> AsyncIterator[FastAPI]:
    """A gateway and a notifier with databases of their own, over the broker."""
    key, run = PrivateKey.generate(), new_id()[:8]
    shared = {
        "mongodb_uri": embedded_mongo.uri,
        "kafka_bootstrap_servers": embedded_kafka.bootstrap_servers,
        "kafka_doorbell_folder": str(tmp_path),
        "store_url": "memory:///",
    }
    own = {"mongodb_database": f"notifier_{run}", "service_name": f"notifier_{run}"}
    private = base64.b64encode(bytes(key)).decode()
    notifying = notifier.build(
        NotifierSettings.model_validate(
            {**shared, **own, "notifier_private_key": private, "allow_loopback_webhooks": True}
        )
    )
    options = {
        "mongodb_database": f"gateway_{run}",
        "service_name": f"gateway_{run}",
        "token_jwks_file": jwks_file(tmp_path),
        "token_issuer": ISSUER,
        "token_audience": AUDIENCE,
        "notifier_public_key": base64.b64encode(bytes(key.public_key)).decode(),
        "portal_poll_seconds": 0.1,
        "ask_seconds": 30,
    }
    app = gateway.build(GatewaySettings.model_validate({**shared, **options}))
    async with notifying.lifespan(), app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def caller(door: FastAPI, organization: str = ACME) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token(organization)}"}
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers, timeout=60) as client:
        yield client


async def register(client: httpx.AsyncClient, hook: Hook, **more: Any) -> dict[str, Any]:
    body = {"url": hook.url, "events": [EVENT], "secret": "ours alone", **more}
    response = await client.post("/api/webhooks/register", json=body)
    assert response.status_code == 201, response.text
    registered: dict[str, Any] = response.json()
    return registered


async def test_an_endpoint_lives_from_its_registration_to_its_end(door: FastAPI, hook: Hook) -> None:
    async with caller(door) as client:
        webhook = await register(client, hook, description="ours", filter={"overall": {"gte": 70}})
        one = f"/api/webhooks/{webhook['id']}"
        assert (webhook["active"], webhook["description"]) == (True, "ours")
        rotated = (await client.post(f"{one}/rotate-secret", json={"keepOldSeconds": 60})).json()
        tested = await client.post(f"{one}/test", json={"event": EVENT})
        assert tested.status_code == 202, tested.text
        delivery = f"/api/webhooks/deliveries/{tested.json()['id']}"

        async def delivered() -> bool:
            return bool((await client.get(delivery)).json()["status"] == "delivered")

        await until(delivered)
        keys = (await client.get(f"{one}/jwks.json")).json()["keys"]
        check(hook, (rotated["secret"], webhook["secret"]), keys)
        told = (await client.get(delivery)).json()
        assert json.loads(told["payload"]) == json.loads(hook.taken[-1][1])
        (attempt,) = (await client.get(f"/api/webhooks/attempts?deliveryId={told['id']}")).json()["attempts"]
        assert (attempt["status"], attempt["trigger"]) == (204, "test")
        changed = await client.patch(one, json={"filter": None, "rateLimit": 5})
        assert (changed.json()["filter"], changed.json()["rateLimit"]) == (None, 5.0)
        assert (await client.post(f"{one}/disable")).json()["disabledReason"] == "switched_off"
        refused = await client.post(f"{one}/test", json={"event": EVENT})
        assert (refused.status_code, "enable it first" in refused.json()["error"]) == (409, True)
        assert (await client.post(f"{one}/enable")).json()["active"] is True
        assert (await client.delete(one)).status_code == 204
        assert (await client.get(one)).status_code == 404
        again = await register(client, hook)
        assert again["id"] != webhook["id"]
        (listed,) = (await client.get("/api/webhooks")).json()["webhooks"]
        assert listed["id"] == again["id"]


def check(hook: Hook, secrets: tuple[str, ...], keys: list[dict[str, str]]) -> None:
    """Every secret and every published key signed what came last."""
    headers, body = hook.taken[-1]
    for secret in secrets:
        Webhook(secret).verify(body, headers)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    offered = [one.removeprefix("v1a,") for one in headers["webhook-signature"].split() if one[:3] == "v1a"]
    assert len(keys) == len(offered) == len(secrets)
    for key, signature in zip(keys, offered, strict=True):
        public = base64.urlsafe_b64decode(key["x"] + "=")
        VerifyKey(public).verify(signed, base64.b64decode(signature))


async def test_what_is_done_to_an_endpoint_comes_into_the_audit_log_and_its_chain(
    door: FastAPI, hook: Hook
) -> None:
    async with caller(door) as client:
        webhook = await register(client, hook)
        await client.post(f"/api/webhooks/{webhook['id']}/disable")
        await client.delete(f"/api/webhooks/{webhook['id']}")

        async def entries() -> list[dict[str, Any]]:
            answer = await client.get("/api/admin/audit-logs", params={"objectId": webhook["id"]})
            return list(answer.json()["auditLogs"])

        async def chained() -> bool:
            found = await entries()
            return len(found) == 3 and all(entry["number"] for entry in found)

        await until(chained)
        deleted, disabled, created = await entries()
    actions = ("webhook.create", "webhook.disable", "webhook.delete")
    assert tuple(entry["action"] for entry in (created, disabled, deleted)) == actions
    assert all(
        entry["actor"] == {"id": "user-1", "kind": "user", "role": "admin"} for entry in (created, deleted)
    )
    assert created["origin"] == "127.0.0.0/24"
    assert (created["before"], deleted["after"]) == (None, None)
    assert (disabled["before"], deleted["before"]) == (created["after"], disabled["after"])


async def test_whoever_has_not_agreed_gets_nothing_until_it_does(door: FastAPI, hook: Hook) -> None:
    hook.agrees, hook.status = False, 200
    async with caller(door) as client:
        webhook = await register(client, hook)
        one = f"/api/webhooks/{webhook['id']}"
        assert (webhook["active"], webhook["disabledReason"]) == (False, "unverified")
        assert (await client.post(f"{one}/verify")).status_code == 409
        hook.agrees = True
        assert (await client.post(f"{one}/verify")).json()["active"] is True


async def test_what_is_refused_names_the_fields_on_the_whole_way(door: FastAPI, hook: Hook) -> None:
    async with caller(door) as client:
        body = {"url": hook.url, "events": [EVENT], "filter": {"nothing.like.it": 1}}
        refused = await client.post("/api/webhooks/register", json=body)
        long = await client.post("/api/webhooks/register", json={**body, "retryDelays": [604_800] * 5})
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (400, "filter.nothing.like.it")
    assert "retryDelays" in [problem["path"] for problem in long.json()["fields"]]


async def test_nothing_of_one_organization_is_anothers(door: FastAPI, hook: Hook) -> None:
    async with caller(door) as ours, caller(door, GLOBEX) as theirs:
        webhook = await register(ours, hook)
        one = f"/api/webhooks/{webhook['id']}"
        tested = (await ours.post(f"{one}/test", json={"event": EVENT})).json()
        for path in (
            one,
            f"/api/webhooks/deliveries/{tested['id']}",
            f"/api/webhooks/stream?webhookId={one[14:]}",
        ):
            assert (await theirs.get(path)).status_code == 404
        for path in (f"{one}/disable", f"/api/webhooks/deliveries/{tested['id']}/replay"):
            assert (await theirs.post(path)).status_code == 404
        assert (await theirs.delete(one)).status_code == 404
        for listed in ("webhooks", "deliveries", "attempts"):
            path = "/api/webhooks" if listed == "webhooks" else f"/api/webhooks/{listed}"
            assert (await theirs.get(path)).json()[listed] == []
        query = (
            f'{{ webhook(id: "{webhook["id"]}") {{ id }} webhookDelivery(id: "{tested["id"]}") {{ id }} }}'
        )
        data = (await theirs.post("/graphql", json={"query": query})).json()["data"]
        assert data == {"webhook": None, "webhookDelivery": None}
        assert (await ours.get(one)).json()["active"] is True


async def test_a_delivery_is_seen_on_the_stream_when_it_is_made(door: FastAPI, hook: Hook) -> None:
    headers = {"Authorization": f"Bearer {token(ACME)}"}
    async with caller(door) as client:
        webhook = await register(client, hook)
        async with open_stream(door, "/api/webhooks/stream", headers) as stream:
            await stream.until("still here")
            tested = await client.post(f"/api/webhooks/{webhook['id']}/test", json={"event": EVENT})
            await stream.until(tested.json()["id"])
            await stream.until('"status":"delivered"')
            await stream.until("event: endpoint")
