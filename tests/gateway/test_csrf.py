"""The session cookie is a credential for this site's pages, and useless to everybody else's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from tests.support.fake_issuer import FakeIssuer, fake_issuer
from tests.support.gateway import HOST, GatewayBench
from vivavoce.gateway.auth.csrf import COOKIE, Csrf, CsrfRefused

KEYS = "/api/admin/api-keys"
PAGE = "https://app.example.org"
BODY = {"name": "import"}
OWN = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def clerk() -> AsyncIterator[FakeIssuer]:
    async with fake_issuer() as issuer:
        yield issuer


def bench(folder: Path, clerk: FakeIssuer, **settings: Any) -> GatewayBench:
    options = {"session_cookie": True, "signing_secret": "s" * 32, "cors_origins": (PAGE,), **settings}
    return GatewayBench(folder, clerk_issuer=clerk.url, open_to_loopback=False, **options)


@pytest.fixture
def gateway(clerk: FakeIssuer, tmp_path: Path) -> GatewayBench:
    return bench(tmp_path, clerk)


def cookies(**values: str) -> dict[str, str]:
    """Sent as a browser would; `__Host-` cookies need https, which the bench doesn't speak."""
    return {"Cookie": "; ".join(f"{name.replace('csrf', COOKIE)}={value}" for name, value in values.items())}


async def token_of(client: httpx.AsyncClient, session: str) -> str:
    answer = await client.get("/api/csrf", headers=cookies(__session=session))
    token: str = answer.json()["csrfToken"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}={token};") or f'{COOKIE}="{token}"' in cookie
    assert all(part in cookie for part in ("Path=/", "Secure", "HttpOnly", "SameSite=lax"))
    assert answer.headers["cache-control"] == "no-store"
    return token


async def test_a_page_of_this_site_may_act_with_its_cookie(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    async with gateway.caller() as client:
        token = await token_of(client, clerk.token())
        both = cookies(__session=clerk.token(), csrf=token)
        assert (await client.get(KEYS, headers=both)).status_code == 200
        acted = await client.post(KEYS, json=BODY, headers={**both, **OWN, "X-CSRF-Token": token})
        replaced = cookies(__session=clerk.token(jti="a minute later"), csrf=token)
        later = await client.post(KEYS, json=BODY, headers={**replaced, **OWN, "X-CSRF-Token": token})
    assert (acted.status_code, later.status_code) == (201, 201)


@pytest.mark.parametrize(
    "wrong",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "forged"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": None, "Sec-Fetch-Site": "cross-site"},
        {"Origin": None, "Sec-Fetch-Site": "same-site"},
        {"Origin": None, "Sec-Fetch-Site": None},
    ],
)
async def test_another_page_may_not(
    gateway: GatewayBench, clerk: FakeIssuer, wrong: dict[str, str | None]
) -> None:
    async with gateway.caller() as client:
        token = await token_of(client, clerk.token())
        sent = {**cookies(__session=clerk.token(), csrf=token), **OWN, "X-CSRF-Token": token, **wrong}
        kept = {name: value for name, value in sent.items() if value is not None}
        refused = await client.post(KEYS, json=BODY, headers=kept)
        assert (await client.get(KEYS, headers=cookies(__session=clerk.token()))).json()["apiKeys"] == []
    assert refused.status_code == 403
    assert refused.json()["details"]["code"] == "csrf_refused"


async def test_a_token_of_another_session_doesnt_count(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    """Somebody who can plant a cookie can only plant one of their own session, or of none."""
    async with gateway.caller() as client:
        theirs = await token_of(client, clerk.token(sid="sess_2"))
        nobodys = (await client.get("/api/csrf")).json()["csrfToken"]
        for token in (theirs, nobodys):
            both = cookies(__session=clerk.token(), csrf=token)
            refused = await client.post(KEYS, json=BODY, headers={**both, **OWN, "X-CSRF-Token": token})
            assert refused.status_code == 403


async def test_a_named_origin_may_act_too(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    async with gateway.caller() as client:
        token = await token_of(client, clerk.token())
        both = cookies(__session=clerk.token(), csrf=token)
        page = {"Origin": PAGE, "Sec-Fetch-Site": "same-site", "X-CSRF-Token": token}
        assert (await client.post(KEYS, json=BODY, headers={**both, **page})).status_code == 201


async def test_a_foreign_page_may_not_even_read(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    async with gateway.caller({"Origin": "https://evil.example"}) as page:
        for path in (KEYS, "/api/interview-record/x/events"):
            refused = await page.get(path, headers=cookies(__session=clerk.token()))
            assert refused.status_code == 403


async def test_callers_with_a_bearer_token_or_a_key_need_no_csrf_token(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    bearer = {"Authorization": f"Bearer {clerk.token()}", **cookies(__session="whatever")}
    async with gateway.caller(bearer) as client:
        created = await client.post(KEYS, json=BODY)
    assert created.status_code == 201


async def test_a_cookie_that_holds_no_token_is_refused(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    async with gateway.caller() as client:
        for broken in ("x", "a.b.c", clerk.token(exp=1)):
            assert (await client.get(KEYS, headers=cookies(__session=broken))).status_code == 401
            assert (await client.get("/api/csrf", headers=cookies(__session=broken))).status_code == 200


async def test_cookies_count_for_nothing_unless_they_are_switched_on(
    tmp_path: Path, clerk: FakeIssuer
) -> None:
    async with bench(tmp_path, clerk, session_cookie=False).caller() as client:
        assert (await client.get(KEYS, headers=cookies(__session=clerk.token()))).status_code == 401


async def test_without_a_secret_there_are_no_tokens(tmp_path: Path, clerk: FakeIssuer) -> None:
    async with bench(tmp_path, clerk, signing_secret="").caller() as client:
        refused = await client.get("/api/csrf")
    assert refused.status_code == 503
    assert "SIGNING_SECRET" in refused.json()["error"]


def upgrade(kind: str, **headers: str) -> HTTPConnection:
    given = {"host": "viva.example", "upgrade": "websocket", **headers}
    method = {"method": "GET"} if kind == "http" else {}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return HTTPConnection({"type": kind, **method, "headers": raw})


@pytest.mark.parametrize("kind", ["websocket", "http"])
@pytest.mark.parametrize("base_url", ["", "https://viva.example"])
def test_a_web_socket_by_cookie_needs_an_origin_that_is_allowed(base_url: str, kind: str) -> None:
    csrf = Csrf("s" * 32, frozenset({PAGE}), base_url)
    for origin in ("https://viva.example", PAGE):
        csrf.check(upgrade(kind, origin=origin), "session")
    for foreign in ({}, {"origin": "https://evil.example"}, {"origin": "https://viva.example.evil"}):
        with pytest.raises(CsrfRefused):
            csrf.check(upgrade(kind, **foreign), "session")


async def test_an_assigned_role_outranks_the_cookies(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    async with gateway.client() as admin, gateway.caller() as client:
        session = cookies(__session=clerk.token())
        assert (await client.get(KEYS, headers=session)).status_code == 200
        demotion = {"userId": "user_2ada", "role": "candidate"}
        assert (await admin.post("/api/admin/roles", json=demotion)).status_code == 200
        assert (await client.get(KEYS, headers=session)).status_code == 403


async def test_a_huge_cookie_is_refused_unread(gateway: GatewayBench) -> None:
    async with gateway.caller(cookies(__session="x" * 20_000)) as client:
        assert (await client.get(KEYS)).status_code == 401
