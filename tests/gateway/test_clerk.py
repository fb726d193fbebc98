"""Whom a Clerk session token stands for, in either of its versions."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.fake_issuer import FakeIssuer, fake_issuer
from tests.support.gateway import ACME, GLOBEX, ISSUER, GatewayBench, token
from vivavoce.chassis.errors import InvalidToken
from vivavoce.gateway.auth.principals import Principal, Role, user
from vivavoce.gateway.settings import GatewaySettings

ADA = "user_2ada"


@pytest.fixture
async def clerk() -> AsyncIterator[FakeIssuer]:
    async with fake_issuer() as issuer:
        yield issuer


@pytest.fixture
def gateway(clerk: FakeIssuer, tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, clerk_issuer=clerk.url)


async def whose(gateway: GatewayBench, credential: str) -> Principal:
    return await gateway.parts.tokens.read(credential)


async def test_both_issuers_are_believed_at_once(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    assert await whose(gateway, token()) == user("user-1", ACME, Role.ADMIN)
    assert await whose(gateway, clerk.token()) == user(ADA, ACME, Role.ADMIN)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("admin", Role.ADMIN),
        ("org:admin", Role.ADMIN),
        ("interviewer", Role.INTERVIEWER),
        ("org:interviewer", Role.INTERVIEWER),
        ("org:candidate", Role.CANDIDATE),
        ("org:member", Role.CANDIDATE),
        ("superadmin", Role.CANDIDATE),
        ("ADMIN", Role.CANDIDATE),
        ("", Role.CANDIDATE),
        (["admin"], Role.CANDIDATE),
        (None, Role.CANDIDATE),
    ],
)
async def test_a_role_that_is_not_known_may_do_least(
    gateway: GatewayBench, clerk: FakeIssuer, role: object, expected: Role
) -> None:
    for signed in (clerk.token(o={"id": ACME, "rol": role}), clerk.old_token(org_role=role)):
        assert await whose(gateway, signed) == user(ADA, ACME, expected)


@pytest.mark.parametrize(
    "claims",
    [
        {"o": None},
        {"o": {}},
        {"o": {"id": ""}},
        {"o": {"id": 7}},
        {"o": ACME},
        {"o": None, "org_id": ACME},
        {"v": None},
        {"v": "2"},
        {"v": 3},
    ],
)
async def test_without_an_organization_it_is_told_what_to_do(
    gateway: GatewayBench, clerk: FakeIssuer, claims: dict[str, Any]
) -> None:
    with pytest.raises(InvalidToken, match="choose an active organization"):
        await whose(gateway, clerk.token(**claims))


async def test_claims_of_the_other_version_are_not_mixed_in(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    new = clerk.token(org_id=GLOBEX, org_role="org:admin", o={"id": ACME, "rol": "member"})
    old = clerk.old_token(o={"id": GLOBEX, "rol": "admin"}, org_role="org:member")
    assert await whose(gateway, new) == user(ADA, ACME, Role.CANDIDATE)
    assert await whose(gateway, old) == user(ADA, ACME, Role.CANDIDATE)


async def test_a_pending_session_is_not_signed_in(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    with pytest.raises(InvalidToken, match="pending"):
        await whose(gateway, clerk.token(sts="pending"))
    assert await whose(gateway, clerk.token(sts="active")) == user(ADA, ACME, Role.ADMIN)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "Ada@Example.org", "email_verified": True}, "ada@example.org"),
        ({"email": "ada@example.org"}, None),
        ({"email": "ada@example.org", "email_verified": False}, None),
        ({"email": "ada@example.org", "email_verified": "true"}, None),
        ({"email": "ada@example.org", "email_verified": 1}, None),
        ({"email": ["ada@example.org"], "email_verified": True}, None),
        ({"email": "", "email_verified": True}, None),
        ({"email": "no address", "email_verified": True}, None),
        ({"email": "a@" + "b" * 400, "email_verified": True}, None),
        ({"email": {"$gt": ""}, "email_verified": True}, None),
        ({"email_verified": True}, None),
    ],
)
async def test_an_address_counts_only_when_the_issuer_says_that_it_is_verified(
    gateway: GatewayBench, clerk: FakeIssuer, claims: dict[str, Any], expected: str | None
) -> None:
    assert (await whose(gateway, clerk.token(**claims))).email == expected
    assert (await whose(gateway, token(**claims))).email == expected


async def test_a_token_that_is_meant_for_somebody_is_not_accepted_by_who_has_no_name(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    with pytest.raises(InvalidToken, match="udience"):
        await whose(gateway, clerk.token(aud="another-service"))


async def test_any_application_of_the_instance_may_ask_where_none_are_named(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    assert await whose(gateway, clerk.token(azp="https://any.example")) == user(ADA, ACME, Role.ADMIN)


async def test_clerks_keys_are_not_ours_to_publish(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    await whose(gateway, clerk.token())
    async with gateway.caller() as client:
        shown = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in shown] == ["key-1"]


async def test_without_any_issuer_it_is_told_which_setting_is_missing(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, token_jwks_file=None)
    with pytest.raises(InvalidToken, match="TOKEN_JWKS_FILE or CLERK_ISSUER"):
        await whose(gateway, token())


@pytest.mark.parametrize(
    "settings",
    [
        {"clerk_issuer": "http://clerk.example"},
        {"clerk_issuer": "https://clerk.example", "clerk_jwks_url": "http://clerk.example/keys"},
        {"clerk_issuer": "https://clerk.example", "clerk_jwks_url": "file:///etc/passwd"},
        {"clerk_issuer": ISSUER, "token_issuer": ISSUER, "token_jwks_file": "jwks.json"},
    ],
)
def test_settings_that_would_believe_the_wrong_keys_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"must begin with https://|are the same"):
        GatewaySettings.model_validate(settings)


def test_keys_are_looked_for_at_the_issuer_unless_it_is_told_otherwise() -> None:
    settings = GatewaySettings.model_validate({"clerk_issuer": "https://clerk.example/"})
    assert settings.clerk_key_set == "https://clerk.example/.well-known/jwks.json"
    other = settings.model_copy(update={"clerk_jwks_url": "https://keys.example/all"})
    assert other.clerk_key_set == "https://keys.example/all"
