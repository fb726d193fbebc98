"""The home's keys are made once, private, and fit what the services read."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from nacl.public import PrivateKey, PublicKey, SealedBox

from tests.support.stacks import home_in
from vivavoce.cli.stack.environment import AUDIENCE, ISSUER
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.tokens import Role, mint


def test_the_keys_are_made_once(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert ensure_keys(home) == ensure_keys(home)


def test_nobody_else_may_read_the_keys(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    ensure_keys(home)
    modes = {path.name: path.stat().st_mode & 0o777 for path in home.keys.iterdir()}
    names = ("issuer.pem", "jwks.json", "notifier.key", "signing.key")
    assert modes == dict.fromkeys(names, 0o600)
    assert home.keys.stat().st_mode & 0o777 == 0o700


def test_a_token_verifies_with_the_published_key_set(tmp_path: Path) -> None:
    keys = ensure_keys(home_in(tmp_path))
    now = datetime.now(UTC)
    token = mint(
        keys, role=Role.ADMIN, organization="acme", subject="u1", now=now, lifetime=timedelta(minutes=1)
    )
    key_set = jwt.PyJWKSet.from_dict(json.loads(keys.jwks.read_text()))
    key = key_set[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER, audience=AUDIENCE)
    assert (claims["sub"], claims["org"], claims["role"]) == ("u1", "acme", "admin")
    assert claims["exp"] - claims["iat"] == 60


def test_the_key_set_does_not_hold_the_private_key(tmp_path: Path) -> None:
    (published,) = json.loads(ensure_keys(home_in(tmp_path)).jwks.read_text())["keys"]
    assert published.keys() == {"kty", "key_ops", "n", "e", "kid", "alg", "use"}


def test_what_is_sealed_to_the_notifiers_public_key_opens_with_its_private_key(tmp_path: Path) -> None:
    keys = ensure_keys(home_in(tmp_path))
    sealed = SealedBox(PublicKey(base64.b64decode(keys.notifier_public))).encrypt(b"secret")
    assert SealedBox(PrivateKey(base64.b64decode(keys.notifier_private))).decrypt(sealed) == b"secret"
