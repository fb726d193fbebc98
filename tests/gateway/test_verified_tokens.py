"""A hot token costs no signature check, and yet none is believed a moment longer than it may be."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.fake_issuer import FakeIssuer, fake_issuer
from tests.support.gateway import NOON, GatewayBench, jwks_of, signing_key, token
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import InvalidToken
from vivavoce.gateway.auth.keys import FixedKeys
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.auth.verified import VerifiedTokens

MINUTE = timedelta(minutes=1)


class Checks:
    """Counts signature checks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._decode = jwt.decode
        monkeypatch.setattr(jwt, "decode", self)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.count += len(arguments) > 1
        return self._decode(*arguments, **options)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Checks:
    return Checks(monkeypatch)


@pytest.fixture
async def clerk() -> AsyncIterator[FakeIssuer]:
    async with fake_issuer() as issuer:
        yield issuer


async def test_a_token_is_checked_once_in_a_minute(gateway: GatewayBench, checks: Checks) -> None:
    credential = token()
    for _ in range(60):
        await gateway.parts.tokens.read(credential)
        await gateway.clock.advance(timedelta(seconds=0.99))
    assert checks.count == 1
    await gateway.clock.advance(timedelta(seconds=1))
    await gateway.parts.tokens.read(credential)
    assert checks.count == 2


async def test_it_is_refused_once_it_has_ended_however_hot_it_is(gateway: GatewayBench) -> None:
    credential = token(exp=NOON + timedelta(seconds=20))
    await gateway.parts.tokens.read(credential)
    await gateway.clock.advance(timedelta(seconds=20) + timedelta(seconds=29))
    await gateway.parts.tokens.read(credential)
    await gateway.clock.advance(timedelta(seconds=1))
    with pytest.raises(InvalidToken, match="expired"):
        await gateway.parts.tokens.read(credential)


async def test_it_is_refused_once_its_key_is_out_of_the_file(gateway: GatewayBench) -> None:
    credential = token()
    await gateway.parts.tokens.read(credential)
    assert gateway.settings.token_jwks_file is not None
    others = jwks_of(ec.generate_private_key(ec.SECP256R1()), "another")
    gateway.settings.token_jwks_file.write_text(json.dumps(others))
    with pytest.raises(InvalidToken):
        await gateway.parts.tokens.read(credential)


async def test_it_is_refused_once_its_issuer_has_another_key_set(clerk: FakeIssuer, tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, clerk_issuer=clerk.url)
    credential = clerk.token()
    await gateway.parts.tokens.read(credential)
    clerk.names = ["ins_2"]
    await gateway.clock.advance(timedelta(seconds=10))
    await gateway.parts.tokens.read(clerk.token("ins_2"))
    with pytest.raises(InvalidToken):
        await gateway.parts.tokens.read(credential)


async def test_a_changed_token_is_another_one(gateway: GatewayBench) -> None:
    credential = token()
    await gateway.parts.tokens.read(credential)
    for changed in (credential[:-1], credential + "A", credential.swapcase()):
        with pytest.raises(InvalidToken):
            await gateway.parts.tokens.read(changed)


async def test_what_was_refused_is_not_remembered(gateway: GatewayBench, checks: Checks) -> None:
    forged = token(key=ec.generate_private_key(ec.SECP256R1()))
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await gateway.parts.tokens.read(forged)
    assert checks.count == 2


class Standing:
    """A source whose keys never change."""

    def __init__(self) -> None:
        self._keys = FixedKeys(jwks_of(signing_key(), "key-1"))

    def current(self) -> FixedKeys:
        """The keys."""
        return self._keys

    async def with_key(self, _: str | None) -> FixedKeys:
        """The keys."""
        return self._keys


def test_only_so_many_are_remembered_and_the_coldest_go_first() -> None:
    verified, source = VerifiedTokens(ManualClock(NOON), seconds=60, size=100), Standing()
    ends = (NOON + MINUTE).timestamp()
    for number in range(1000):
        one = user(f"u{number}", "org_acme", Role.ADMIN)
        verified.add(f"token-{number}", one, source, source.current(), ends)
        assert verified.find("token-0") is not None
    assert len(verified) == 100
    assert verified.find("token-1") is None
    assert verified.find("token-999") is not None


def test_no_token_is_kept_in_the_clear() -> None:
    verified, source = VerifiedTokens(ManualClock(NOON), seconds=60, size=10), Standing()
    principal = user("u", "org_acme", Role.ADMIN)
    verified.add("the-token", principal, source, source.current(), (NOON + MINUTE).timestamp())
    assert "the-token" not in repr(vars(verified))


async def test_it_can_be_switched_off(tmp_path: Path, checks: Checks) -> None:
    gateway = GatewayBench(tmp_path, token_cache_seconds=0)
    credential = token()
    for _ in range(3):
        await gateway.parts.tokens.read(credential)
    assert checks.count == 3
