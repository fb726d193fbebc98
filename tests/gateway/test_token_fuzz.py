"""Whatever is sent as a token, the reader refuses it or names a principal; it never breaks."""

import asyncio
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.api_jws import PyJWS

from tests.support.gateway import ACME, AUDIENCE, ISSUER, NOON, GatewayBench, signing_key
from vivavoce.chassis.errors import InvalidToken
from vivavoce.gateway.auth.claims import clerk_principal, development_principal
from vivavoce.gateway.auth.principals import Principal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
THOROUGH = settings(max_examples=100, deadline=None, derandomize=True)
HOUR = int(NOON.timestamp()) + 3600
GOOD = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u", "org": ACME, "role": "admin", "exp": HOUR}
NAMES = (*GOOD, "nbf", "iat", "azp", "email", "email_verified", "org_id", "org_role", "v", "o", "sts")
CLAIMS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4)


@cache
def bench() -> GatewayBench:
    return GatewayBench(Path(tempfile.mkdtemp()))


def signed(payload: bytes, header: dict[str, Any] | None = None) -> str:
    return PyJWS().encode(payload, signing_key(), "ES256", headers={"kid": "key-1", **(header or {})})


def read(token: str) -> Principal | None:
    """Whose it is; None when it is refused. Anything else is a fault of the reader."""
    try:
        return asyncio.run(bench().parts.tokens.read(token))
    except InvalidToken:
        return None


def test_what_the_claims_are_taken_from_is_accepted() -> None:
    assert read(signed(json.dumps(GOOD).encode())) is not None


@THOROUGH
@given(CLAIMS)
def test_rightly_signed_claims_of_any_kind_are_read_or_refused(changed: dict[str, Any]) -> None:
    found = read(signed(json.dumps({**GOOD, **changed}).encode()))
    if found is not None:
        assert isinstance(found.id, str)
        assert isinstance(found.organization_id, str)
        assert found.email is None or changed["email_verified"] is True


@THOROUGH
@given(st.binary(max_size=200))
def test_a_rightly_signed_payload_of_any_bytes_is_refused(payload: bytes) -> None:
    assert read(signed(payload)) is None


@THOROUGH
@given(st.text(max_size=300) | st.lists(st.text("abcXYZ019-_=", max_size=40), max_size=6).map(".".join))
def test_any_text_is_refused(token: str) -> None:
    assert read(token) is None


@THOROUGH
@given(CLAIMS)
def test_any_claims_give_a_principal_or_are_refused(claims: dict[str, Any]) -> None:
    for principal_of in (development_principal, clerk_principal):
        try:
            found = principal_of(claims)
        except InvalidToken:
            continue
        assert found.organization_id
        assert found.id
