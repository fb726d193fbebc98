"""Who may do what: tokens, API keys, and programs on this machine."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.support.gateway import (
    ACME,
    AUDIENCE,
    ISSUER,
    NOON,
    GatewayBench,
    jwks_of,
    signing_key,
    submission,
    token,
)
from vivavoce.gateway.auth.keys import FixedKeys

KEYS = "/api/admin/api-keys"
RECORD = "/api/interview-record"
PAST = NOON - timedelta(minutes=5)


async def status_of(gateway: GatewayBench, headers: dict[str, str], peer: str = "203.0.113.9") -> int:
    async with gateway.caller(headers, peer=peer) as client:
        return (await client.get(KEYS)).status_code


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


async def new_key(gateway: GatewayBench, **body: Any) -> dict[str, Any]:
    async with gateway.client() as client:
        response = await client.post(KEYS, json={"name": "nightly import", **body})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


async def test_a_token_of_the_issuer_is_accepted(gateway: GatewayBench) -> None:
    assert await status_of(gateway, bearer(token())) == 200


@pytest.mark.parametrize(
    "bad",
    [
        token(iss="https://elsewhere.test"),
        token(aud="another"),
        token(exp=PAST),
        token(exp=None),
        token(nbf=NOON + timedelta(days=1)),
        token(sub=None),
        token(org=None),
        token(org=["org_acme"]),
        token(role="owner"),
        token(role=["admin"]),
        token(key_id="unknown"),
        token(key=ec.generate_private_key(ec.SECP256R1())),
        token()[:-4] + "AAAA",
        "not-a-token",
        "",
        jwt.encode({"sub": "x"}, "", algorithm="none"),
    ],
)
async def test_a_token_that_does_not_hold_is_refused(gateway: GatewayBench, bad: str) -> None:
    assert await status_of(gateway, bearer(bad)) == 401


async def test_a_public_key_is_no_shared_secret(gateway: GatewayBench) -> None:
    """The classic forgery: HMAC over the token with the issuer's published key as the secret."""
    assert gateway.settings.token_jwks_file is not None
    published = gateway.settings.token_jwks_file.read_bytes()
    header = urlsafe_b64encode(b'{"alg":"HS256","kid":"key-1","typ":"JWT"}').rstrip(b"=")
    signed = header + b"." + token().split(".")[1].encode()
    signature = urlsafe_b64encode(hmac.digest(published, signed, "sha256")).rstrip(b"=")
    assert await status_of(gateway, bearer(f"{signed.decode()}.{signature.decode()}")) == 401


async def test_rsa_keys_are_accepted_and_new_ones_are_found_in_the_file(gateway: GatewayBench) -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    jwk = {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": "rsa-1", "alg": "RS256"}
    assert gateway.settings.token_jwks_file is not None
    gateway.settings.token_jwks_file.write_text(json.dumps({"keys": [jwk]}))
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u", "org": ACME, "role": "admin"}
    signed = jwt.encode({**claims, "exp": NOON + timedelta(hours=1)}, key, "RS256", headers={"kid": "rsa-1"})
    assert await status_of(gateway, bearer(signed)) == 200


async def test_a_key_that_was_taken_out_of_the_file_is_refused(gateway: GatewayBench) -> None:
    assert await status_of(gateway, bearer(token())) == 200
    assert gateway.settings.token_jwks_file is not None
    others = jwks_of(ec.generate_private_key(ec.SECP256R1()), "another")
    gateway.settings.token_jwks_file.write_text(json.dumps(others))
    assert await status_of(gateway, bearer(token())) == 401


async def test_a_key_set_without_keys_takes_all_of_them_away(gateway: GatewayBench) -> None:
    assert gateway.settings.token_jwks_file is not None
    assert await status_of(gateway, bearer(token())) == 200
    gateway.settings.token_jwks_file.write_text('{"keys": []}')
    assert await status_of(gateway, bearer(token())) == 401


async def test_the_key_set_shows_public_keys_only(gateway: GatewayBench) -> None:
    assert gateway.settings.token_jwks_file is not None
    private = json.loads(ECAlgorithm.to_jwk(signing_key()))
    shared = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"}
    keys = [{**private, "kid": "key-1", "alg": "ES256"}, shared]
    gateway.settings.token_jwks_file.write_text(json.dumps({"keys": keys}))
    async with gateway.caller() as client:
        (shown,) = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert shown.keys() == {"kty", "crv", "x", "y", "kid", "alg"}


async def test_without_a_readable_key_file_tokens_are_refused(gateway: GatewayBench) -> None:
    assert gateway.settings.token_jwks_file is not None
    gateway.settings.token_jwks_file.write_text("{")
    assert await status_of(gateway, bearer(token())) == 401


@pytest.mark.parametrize(("role", "expected"), [("admin", 200), ("interviewer", 403), ("candidate", 403)])
async def test_only_admins_manage_keys(gateway: GatewayBench, role: str, expected: int) -> None:
    assert await status_of(gateway, bearer(token(role=role))) == expected


async def test_nobody_is_refused_with_a_hint(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        response = await client.get(KEYS)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["apiKey", "X-API-Key"])
async def test_a_key_is_accepted_in_either_header(gateway: GatewayBench, header: str) -> None:
    key = (await new_key(gateway))["key"]
    async with gateway.caller({header: key}) as client:
        assert (await client.post(RECORD, json=submission())).status_code == 202


async def test_a_key_is_accepted_as_a_bearer_credential(gateway: GatewayBench) -> None:
    key = (await new_key(gateway))["key"]
    async with gateway.caller(bearer(key)) as client:
        assert (await client.post(RECORD, json=submission())).status_code == 202


async def test_a_key_is_shown_once_and_kept_as_a_hash(gateway: GatewayBench) -> None:
    created = await new_key(gateway)
    secret = created["key"].rsplit("_", 1)[-1]
    async with gateway.client() as client:
        listed = await client.get(KEYS)
    assert listed.json()["apiKeys"][0]["prefix"] == created["prefix"]
    assert secret not in listed.text
    stored = await gateway.parts.api_keys.get(ACME, created["id"])
    assert secret not in stored.model_dump_json()


async def test_a_key_is_limited_to_its_scopes(gateway: GatewayBench) -> None:
    key = (await new_key(gateway, scopes=["interviews:read"]))["key"]
    async with gateway.caller({"apiKey": key}) as client:
        assert (await client.post(RECORD, json=submission())).status_code == 403
        assert (await client.get("/api/job-result/x")).status_code == 404


async def test_a_key_cannot_make_a_stronger_one(gateway: GatewayBench) -> None:
    key = (await new_key(gateway, scopes=["keys:manage"]))["key"]
    async with gateway.caller({"apiKey": key}) as client:
        response = await client.post(KEYS, json={"name": "more", "scopes": ["interviews:read"]})
    assert response.status_code == 403


async def test_a_revoked_key_is_refused_at_once(gateway: GatewayBench) -> None:
    created = await new_key(gateway)
    async with gateway.client() as client:
        assert (await client.delete(f"{KEYS}/{created['id']}")).status_code == 204
        assert (await client.delete(f"{KEYS}/unknown")).status_code == 404
    assert await status_of(gateway, {"apiKey": created["key"]}) == 401


@pytest.mark.parametrize("key", ["", "viva_", "viva_000000000000_" + "A" * 43, "x" * 500])
async def test_an_unknown_key_is_refused(gateway: GatewayBench, key: str) -> None:
    assert await status_of(gateway, {"apiKey": key}) == 401


async def test_a_program_on_this_machine_acts_for_the_local_organization(gateway: GatewayBench) -> None:
    async with gateway.caller(peer="127.0.0.1") as client:
        body = (await client.post(RECORD, json=submission())).json()
    assert await gateway.parts.interviews.interviews.get("org_local", body["interviewRecordId"])


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "127.0.0.1"},
        {"Host": "rebound.example"},
        {"Origin": "https://page.example"},
        {"Origin": "null"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic dXNlcjpwdw=="},
        {"apiKey": "nonsense"},
    ],
)
async def test_being_local_is_not_enough_through_a_proxy_or_a_web_page(
    gateway: GatewayBench, headers: dict[str, str]
) -> None:
    assert await status_of(gateway, headers, peer="127.0.0.1") == 401


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:3000"])
async def test_pages_of_this_machine_may_call(gateway: GatewayBench, origin: str) -> None:
    assert await status_of(gateway, {"Origin": origin}, peer="::1") == 200


async def test_loopback_is_closed_unless_it_is_opened(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, open_to_loopback=False)
    assert await status_of(gateway, {}, peer="127.0.0.1") == 401


async def test_a_candidate_reads_what_they_submitted_and_nothing_else(gateway: GatewayBench) -> None:
    async with gateway.client(role="candidate", subject="ada") as ada:
        record = (await ada.post(RECORD, json=submission())).json()["interviewRecordId"]
        assert (await ada.get(f"{RECORD}/{record}")).status_code == 200
    async with gateway.client(role="candidate", subject="eve") as eve:
        assert (await eve.get(f"{RECORD}/{record}")).status_code == 404
        response: httpx.Response = await eve.get("/api/job-result/video-1")
    assert "retry-after" not in response.headers


def test_keys_of_other_kinds_in_the_key_set_are_passed_over() -> None:
    keys = jwks_of(ec.generate_private_key(ec.SECP256R1()), "ec")["keys"]
    shared = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"}
    found = FixedKeys({"keys": [*keys, shared]})
    assert found.get("ec") is not None
    assert found.get("shared") is None
