"""Access tokens of sessions: what is forged, foreign, old or meant for something else is refused."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.support.gateway import GLOBEX, NOON, GatewayBench, token
from tests.support.people import SECRET, People, accounts_bench, tokens
from vivavoce.gateway.accounts.access_tokens import AccessTokens, SessionClaims, looks_like_session_token
from vivavoce.gateway.auth.signing import key_for

SESSION_KEY = key_for("v1 sessions", SECRET)


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return accounts_bench(tmp_path)


@pytest.fixture
async def access(gateway: GatewayBench) -> str:
    body = await tokens(People(gateway.app).register())
    return str(body["access_token"])


def forged(
    access: str,
    *,
    key: bytes | str = SESSION_KEY,
    algorithm: str = "HS256",
    type: str = "at+jwt",
    **changes: Any,
) -> str:
    """The token with some claims changed, or left out with None, and signed anew."""
    claims = jwt.decode(access, options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"typ": type})


async def test_a_token_says_what_it_is(gateway: GatewayBench, access: str) -> None:
    header = jwt.get_unverified_header(access)
    claims = jwt.decode(access, options={"verify_signature": False})
    assert (header["alg"], header["typ"]) == ("HS256", "at+jwt")
    assert claims.keys() == {"iss", "aud", "sub", "org", "sid", "iat", "exp"}
    assert (await People(gateway.app).me(forged(access))).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"key": SECRET},
        {"key": key_for("portal links", SECRET)},
        {"key": key_for("v1 sessions", "t" * 32)},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS512"},
        {"type": "JWT"},
        {"iss": "https://issuer.test"},
        {"iss": None},
        {"aud": "vivavoce-portal"},
        {"aud": None},
        {"exp": None},
        {"exp": NOON},
        {"sub": None},
        {"sub": 7},
        {"sub": "account_" + "0" * 24},
        {"org": None},
        {"org": ["org_acme"]},
        {"org": {"$gt": ""}},
        {"org": GLOBEX},
        {"sid": None},
        {"sid": ""},
        {"sid": "session_" + "0" * 24},
    ],
)
async def test_a_token_that_does_not_hold_is_refused(
    gateway: GatewayBench, access: str, change: dict[str, Any]
) -> None:
    assert (await People(gateway.app).me(forged(access, **change))).status_code == 401


@pytest.mark.parametrize("bad", ["a.b.c", "." * 2, "A" * 20_000, "e30.e30.", "eyJ0eXAiOiJhdCtqd3QifQ.e30.x"])
async def test_what_is_no_token_is_refused(gateway: GatewayBench, bad: str) -> None:
    assert not looks_like_session_token(bad)
    assert (await People(gateway.app).me(bad)).status_code == 401


async def test_a_session_of_one_account_does_not_speak_for_another(
    gateway: GatewayBench, access: str
) -> None:
    people = People(gateway.app)
    other = jwt.decode(
        (await tokens(people.register("grace@example.org")))["access_token"],
        options={"verify_signature": False},
    )
    assert (await people.me(access)).status_code == 200
    assert (await people.me(forged(access, sub=other["sub"]))).status_code == 401
    assert (await people.me(forged(access, sid=other["sid"]))).status_code == 401


async def test_an_issuers_token_of_the_same_type_is_the_issuers(gateway: GatewayBench) -> None:
    assert not looks_like_session_token(token())


async def test_without_a_secret_no_token_is_read(tmp_path: Path) -> None:
    bench = accounts_bench(tmp_path, signing_secret="")
    made = AccessTokens(SECRET, 900, bench.clock).issue(SessionClaims("account_1", "org_acme", "session_1"))
    assert (await People(bench.app).me(made)).status_code == 401
    await bench.clock.advance(timedelta(hours=1))
    assert (await People(bench.app).me(made)).status_code == 401
