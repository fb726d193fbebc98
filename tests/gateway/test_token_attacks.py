"""Tokens that somebody made up, bent or stole: each is refused in the same form, and nothing is told."""

import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.fake_issuer import FakeIssuer, fake_issuer, rsa_jwk, rsa_key
from tests.support.gateway import ACME, NOON, GatewayBench

READ = "/api/interview-record/unknown"
HERE, THERE = "https://app.acme.example", "https://evil.example"
HOUR = timedelta(hours=1)

Forge = Callable[[FakeIssuer], str]


@pytest.fixture
async def clerk() -> AsyncIterator[FakeIssuer]:
    async with fake_issuer() as issuer:
        yield issuer


@pytest.fixture
def gateway(clerk: FakeIssuer, tmp_path: Path) -> GatewayBench:
    return GatewayBench(
        tmp_path,
        clerk_issuer=clerk.url,
        clerk_authorized_parties=(HERE,),
        clerk_audience="vivavoce",
    )


def good(clerk: FakeIssuer, key: str = "ins_1", **claims: Any) -> str:
    return clerk.token(key, **{"azp": HERE, "aud": "vivavoce", **claims})


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def made(header: object, payload: object, signature: bytes = b"x") -> str:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(map(encoded, parts))


def payload_of(clerk: FakeIssuer, **claims: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(good(clerk, **claims), options={"verify_signature": False})
    return decoded


def signed(payload: str, clerk: FakeIssuer, **header: Any) -> str:
    """A token whose payload is this text, rightly signed: what a broken issuer would send."""
    first = json.dumps({"alg": "RS256", "kid": "ins_1", **header})
    head = f"{encoded(first.encode())}.{encoded(payload.encode())}"
    found = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
        head.encode(), rsa_key(clerk.names[0])
    )
    return f"{head}.{encoded(found)}"


def hmac_signed(clerk: FakeIssuer, secret: bytes) -> str:
    """The classic confusion: what is published of an RSA key, used as a shared secret."""
    head = made({"alg": "HS256", "kid": "ins_1"}, payload_of(clerk)).rpartition(".")[0]
    return f"{head}.{encoded(hmac.digest(secret, head.encode(), 'sha256'))}"


def pem(name: str) -> bytes:
    return rsa_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


ATTACKS: dict[str, Forge] = {
    "expired": lambda clerk: good(clerk, exp=NOON - HOUR),
    "expired beyond the leeway": lambda clerk: good(clerk, exp=NOON - timedelta(seconds=31)),
    "not yet valid": lambda clerk: good(clerk, nbf=NOON + HOUR),
    "issued in the future": lambda clerk: good(clerk, iat=NOON + HOUR),
    "another key under a known id": lambda clerk: good(clerk, "forger", headers={"kid": "ins_1"}),
    "another key under its own id": lambda clerk: good(clerk, "forger"),
    "alg none": lambda clerk: made({"alg": "none", "kid": "ins_1"}, payload_of(clerk), b""),
    "alg None": lambda clerk: made({"alg": "None", "kid": "ins_1"}, payload_of(clerk)),
    "no alg": lambda clerk: made({"kid": "ins_1"}, payload_of(clerk)),
    "alg of a wrong type": lambda clerk: made({"alg": ["RS256"], "kid": "ins_1"}, payload_of(clerk)),
    "HS256 with the PEM": lambda clerk: hmac_signed(clerk, pem("ins_1")),
    "HS256 with the JWK": lambda clerk: hmac_signed(clerk, json.dumps(rsa_jwk("ins_1")).encode()),
    "HS256 with the modulus": lambda clerk: hmac_signed(clerk, rsa_jwk("ins_1")["n"].encode()),
    "RS512 with the right key": lambda clerk: jwt.encode(
        payload_of(clerk), rsa_key("ins_1"), "RS512", headers={"kid": "ins_1"}
    ),
    "wrong audience": lambda clerk: good(clerk, aud="another"),
    "no audience": lambda clerk: good(clerk, aud=None),
    "audience of a wrong type": lambda clerk: good(clerk, aud={"vivavoce": True}),
    "wrong issuer": lambda clerk: good(clerk, iss="https://elsewhere.example"),
    "issuer with a slash": lambda clerk: good(clerk, iss=clerk.url + "/"),
    "issuer of a wrong type": lambda clerk: signed(
        json.dumps({**payload_of(clerk), "iss": [clerk.url]}), clerk
    ),
    "no issuer": lambda clerk: good(clerk, iss=None),
    "wrong azp": lambda clerk: good(clerk, azp=THERE),
    "no azp": lambda clerk: good(clerk, azp=None),
    "azp of a wrong type": lambda clerk: good(clerk, azp=[HERE]),
    "no exp": lambda clerk: good(clerk, exp=None),
    "no sub": lambda clerk: good(clerk, sub=None),
    "exp is text": lambda clerk: good(clerk, exp="tomorrow"),
    "exp is a number as text": lambda clerk: good(clerk, exp="99999999999"),
    "exp is true": lambda clerk: good(clerk, exp=True),
    "exp is a list": lambda clerk: good(clerk, exp=[1]),
    "exp is beyond all numbers": lambda clerk: good(clerk, exp=10**400),
    "exp is infinite": lambda clerk: good(clerk, exp=float("inf")),
    "exp is no number": lambda clerk: good(clerk, exp=float("nan")),
    "nbf is text": lambda clerk: good(clerk, nbf="now"),
    "iat is an object": lambda clerk: good(clerk, iat={}),
    "sub is a number": lambda clerk: good(clerk, sub=7),
    "sub is blank": lambda clerk: good(clerk, sub=" "),
    "sub with a NUL": lambda clerk: good(clerk, sub="user\0"),
    "sub of half a character": lambda clerk: good(clerk, sub="\ud800"),
    "sub is an operator": lambda clerk: good(clerk, sub={"$ne": ""}),
    "organization is an operator": lambda clerk: good(clerk, o={"id": {"$gt": ""}, "rol": "admin"}),
    "organization is a list": lambda clerk: good(clerk, o=[ACME]),
    "crit": lambda clerk: good(clerk, headers={"crit": ["exp"], "exp": 1}),
    "crit that the library knows": lambda clerk: signed(
        json.dumps(payload_of(clerk)), clerk, crit=["b64"], b64=True
    ),
    "crit is empty": lambda clerk: good(clerk, headers={"crit": []}),
    "a key that it brings along": lambda clerk: good(clerk, "forger", headers={"jwk": rsa_jwk("forger")}),
    "keys that it points to": lambda clerk: good(clerk, "forger", headers={"jku": clerk.url + "/jku"}),
    "certificates that it points to": lambda clerk: good(
        clerk, "forger", headers={"x5u": clerk.url + "/x5u", "kid": "ins_1"}
    ),
    "kid is a path": lambda clerk: good(clerk, "forger", headers={"kid": "../../../../dev/null"}),
    "kid is an operator": lambda clerk: made({"alg": "RS256", "kid": {"$gt": ""}}, payload_of(clerk)),
    "kid is long": lambda clerk: good(clerk, "forger", headers={"kid": "k" * 3000}),
    "payload is a list": lambda clerk: signed("[]", clerk),
    "payload is no JSON": lambda clerk: signed("{", clerk),
    "payload nests deeply": lambda clerk: signed("[" * 4000, clerk),
    "header nests deeply": lambda _: f"{encoded(b'[' * 4000)}.e30.eA",
    "payload has a number without end": lambda clerk: signed('{"exp":' + "9" * 5500 + "}", clerk),
    "signature cut": lambda clerk: good(clerk)[:-10],
    "signature left out": lambda clerk: good(clerk).rpartition(".")[0] + ".",
    "claims exchanged": lambda clerk: ".".join(
        (
            good(clerk).split(".")[0],
            made({}, payload_of(clerk, sub="root")).split(".")[1],
            good(clerk).split(".")[2],
        )
    ),
    "two parts": lambda clerk: good(clerk).rpartition(".")[0],
    "four parts": lambda clerk: good(clerk) + ".e30",
    "encrypted (five parts)": lambda clerk: good(clerk) + ".e30.e30",
    "not base64": lambda _: "%%%.%%%.%%%",
    "garbage": lambda _: "\x7f\xff\xfe garbage",
    "empty": lambda _: "",
    "only dots": lambda _: "..",
    "huge": lambda clerk: good(clerk, filler="x" * 7000),
}


def raw(client: httpx.AsyncClient, *credentials: str) -> httpx.Request:
    """A read with Authorization headers just as given."""
    headers = [(b"authorization", b"Bearer " + each.encode("latin-1")) for each in credentials]
    return client.build_request("GET", READ, headers=headers)


async def test_the_token_that_the_attacks_are_made_from_is_accepted(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    async with gateway.caller() as client:
        assert (await client.send(raw(client, good(clerk)))).status_code == 404


@pytest.mark.parametrize("attack", ATTACKS)
async def test_it_is_refused_as_an_invalid_token(
    gateway: GatewayBench, clerk: FakeIssuer, attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = ATTACKS[attack](clerk)
    async with gateway.caller() as client:
        response = await client.send(raw(client, forged))
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert response.json()["error"]
    if forged.strip("."):
        assert forged not in response.text + "".join(capsys.readouterr())
        assert not any(len(part) > 10 and part in response.text for part in forged.split("."))
    assert clerk.elsewhere == []


async def test_with_two_authorizations_none_counts(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    async with gateway.caller() as client:
        for pair in ((good(clerk), good(clerk)), (good(clerk), "nonsense"), ("nonsense", good(clerk))):
            response = await client.send(raw(client, *pair))
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_a_huge_credential_is_refused_before_anything_reads_it(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(jwt, "get_unverified_header", read)
    monkeypatch.setattr(jwt, "decode", read)
    async with gateway.caller() as client:
        assert (await client.send(raw(client, "x" * 8193))).status_code == 401


async def test_a_token_within_the_leeway_holds(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    late = good(clerk, exp=NOON - timedelta(seconds=29))
    early = good(clerk, nbf=NOON + timedelta(seconds=29), iat=NOON + timedelta(seconds=29))
    async with gateway.caller() as client:
        for token in (late, early):
            assert (await client.send(raw(client, token))).status_code == 404


async def test_a_token_of_an_unknown_issuer_makes_nobody_ask_for_keys(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    async with gateway.caller() as client:
        await client.send(raw(client, good(clerk, iss="https://elsewhere.example")))
    assert clerk.asked == 0


async def test_a_development_token_signed_by_clerk_is_refused_and_the_other_way_round(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    claims = {"iss": gateway.settings.token_issuer, "org": ACME, "role": "admin"}
    async with gateway.caller() as client:
        assert (await client.send(raw(client, good(clerk, **claims)))).status_code == 401
