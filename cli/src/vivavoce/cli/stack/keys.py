"""The stack's own keys: a development token issuer, the notifier's pair, the gateway's signing secret."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from vivavoce.cli.home import Home, private_folder, write_private

ALGORITHM = "RS256"
RSA_BITS = 2048
SECRET_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """The issuer's private key (PEM) with its key set's file, and the notifier's pair in base64.

    `signing_secret` is what the gateway derives the keys for its own links and tokens from.
    """

    issuer: str
    key_id: str
    jwks: Path
    notifier_private: str
    notifier_public: str
    signing_secret: str


def ensure_keys(home: Home) -> Keys:
    """The home's keys, made on the first call; files are readable by their owner only."""
    private_folder(home.keys)
    issuer = _kept(home.keys / "issuer.pem", _new_issuer)
    key_set, key_id = _key_set(issuer)
    jwks = home.keys / "jwks.json"
    write_private(jwks, key_set)
    notifier = _kept(home.keys / "notifier.key", _new_notifier).strip()
    secret = _kept(home.keys / "signing.key", _new_secret).strip()
    return Keys(issuer, key_id, jwks, notifier, _public_of(notifier), secret)


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        write_private(path, make())
    return path.read_text()


def _new_issuer() -> str:
    key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _new_notifier() -> str:
    return base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode()


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _public_of(notifier: str) -> str:
    private = X25519PrivateKey.from_private_bytes(base64.b64decode(notifier))
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def _key_set(issuer: str) -> tuple[str, str]:
    private = cast("RSAPrivateKey", load_pem_private_key(issuer.encode(), None))
    public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    key_id = hashlib.sha256(json.dumps(public, sort_keys=True).encode()).hexdigest()[:16]
    published = {**public, "kid": key_id, "alg": ALGORITHM, "use": "sig"}
    return json.dumps({"keys": [published]}, indent=2) + "\n", key_id
