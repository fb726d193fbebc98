"""Links to the portal: whoever has one manages an organization's webhooks for a while, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from pydantic import ValidationError

from tests.support.gateway import ACME, NOON, GatewayBench, submission, token
from tests.support.webhook_answers import notifier_answer
from vivavoce.gateway.auth.signing import key_for
from vivavoce.gateway.settings import GatewaySettings

SECRET = "a secret of at least thirty-two characters"
LINK = "/api/webhooks/portal-link"


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    gateway = GatewayBench(tmp_path, signing_secret=SECRET)
    gateway.asker.answer = notifier_answer
    return gateway


async def link(gateway: GatewayBench, body: Any = None) -> dict[str, str]:
    async with gateway.client(ACME) as client:
        response = await client.post(LINK, json=body)
    assert response.status_code == 201, response.text
    made: dict[str, str] = response.json()
    return made


def token_in(url: str) -> str:
    return urlsplit(url).fragment.removeprefix("token=")


async def test_a_link_has_its_token_where_no_server_sees_it(gateway: GatewayBench) -> None:
    made = await link(gateway, {"expiresIn": 600})
    parts = urlsplit(made["url"])
    assert (parts.scheme, parts.netloc, parts.path, parts.query) == ("http", "localhost", "/portal", "")
    assert parts.fragment.startswith("token=")
    assert datetime.fromisoformat(made["expiresAt"]) == NOON + timedelta(minutes=10)


async def test_the_link_leads_where_the_deployment_is_reached(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, signing_secret=SECRET, public_base_url="https://api.example.org/viva/")
    assert (await link(gateway))["url"].startswith("https://api.example.org/viva/portal#token=")


async def test_its_holder_manages_webhooks_of_that_organization(gateway: GatewayBench) -> None:
    held = token_in((await link(gateway))["url"])
    async with gateway.caller({"Authorization": f"Bearer {held}"}) as holder:
        assert (await holder.get("/api/webhooks")).status_code == 200
    ((asked, context),) = gateway.asker.asked
    assert (asked.model_dump()["organization_id"], context.organization_id) == (ACME, ACME)


async def test_its_holder_does_nothing_else(gateway: GatewayBench) -> None:
    held = token_in((await link(gateway))["url"])
    async with gateway.caller({"Authorization": f"Bearer {held}"}) as holder:
        assert (await holder.post("/api/interview-record", json=submission())).status_code == 403
        assert (await holder.get("/api/job-result/video-1")).status_code == 403
        assert (await holder.post("/graphql", json={"query": "{ __typename }"})).status_code == 403
        assert (await holder.get("/api/admin/api-keys")).status_code == 403
        assert (await holder.post(LINK)).status_code == 403


async def test_it_ends(gateway: GatewayBench) -> None:
    held = token_in((await link(gateway, {"expiresIn": 60}))["url"])
    async with gateway.caller({"Authorization": f"Bearer {held}"}) as holder:
        await gateway.clock.advance(timedelta(seconds=59))
        assert (await holder.get("/api/webhooks")).status_code == 200
        await gateway.clock.advance(timedelta(seconds=1))
        response = await holder.get("/api/webhooks")
    assert (response.status_code, response.json()["error"]) == (
        401,
        "The portal token has ended: ask for a new link.",
    )


@pytest.mark.parametrize(
    ("secret", "changes"),
    [
        ("another secret of thirty-two characters", {}),
        (SECRET, {"aud": "vivavoce"}),
        (SECRET, {"org": ""}),
        (SECRET, {"org": None}),
        (SECRET, {"exp": None}),
    ],
)
async def test_no_other_token_is_taken_for_one(
    gateway: GatewayBench, secret: str, changes: dict[str, Any]
) -> None:
    claims = {"aud": "vivavoce-portal", "org": ACME, "exp": NOON + timedelta(hours=1), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    forged = jwt.encode(kept, key_for("portal links", secret), algorithm="HS256")
    async with gateway.caller({"Authorization": f"Bearer {forged}"}) as client:
        assert (await client.get("/api/webhooks")).status_code == 401


async def test_an_unsigned_token_is_taken_for_nothing(gateway: GatewayBench) -> None:
    claims = {"aud": "vivavoce-portal", "org": ACME, "exp": datetime.now(UTC) + timedelta(hours=1)}
    unsigned = jwt.encode(claims, "", algorithm="none")
    async with gateway.caller({"Authorization": f"Bearer {unsigned}"}) as client:
        assert (await client.get("/api/webhooks")).status_code == 401


async def test_without_a_secret_the_portal_is_off_and_says_so(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path)
    async with gateway.client() as client:
        response = await client.post(LINK)
    assert (response.status_code, response.json()["error"]) == (
        503,
        "The portal is off: SIGNING_SECRET is not set.",
    )
    claims = {"aud": "vivavoce-portal", "org": ACME, "exp": NOON + timedelta(hours=1)}
    forged = jwt.encode(claims, "x" * 32, algorithm="HS256")
    async with gateway.caller({"Authorization": f"Bearer {forged}"}) as client:
        assert (await client.get("/api/webhooks")).status_code == 401


@pytest.mark.parametrize("seconds", [59, 86_401, "600", None])
async def test_no_other_time_is_taken(gateway: GatewayBench, seconds: Any) -> None:
    async with gateway.client() as client:
        assert (await client.post(LINK, json={"expiresIn": seconds})).status_code == 400


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 32 random characters"):
        GatewaySettings.model_validate({"signing_secret": "short"})


async def test_an_issuers_token_is_still_read_as_one(gateway: GatewayBench) -> None:
    async with gateway.caller({"Authorization": f"Bearer {token()}"}) as client:
        assert (await client.get("/api/webhooks")).status_code == 200
