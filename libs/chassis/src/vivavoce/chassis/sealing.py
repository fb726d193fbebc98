"""Seals small secrets to a key pair's owner, for the way over the broker and for rest in a database."""

import base64
import hmac

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from vivavoce.chassis.errors import InvalidInput


class Vault:
    """Holds a private key: X25519, 32 bytes in base64. Without one given, it makes its own."""

    def __init__(self, private_key: str | None = None) -> None:
        self._key = (
            PrivateKey.generate() if private_key is None else PrivateKey(base64.b64decode(private_key))
        )

    @property
    def public_key(self) -> str:
        """What others seal to, in base64."""
        return base64.b64encode(bytes(self._key.public_key)).decode()

    def key_for(self, purpose: str) -> bytes:
        """32 bytes that only this vault's owner can tell, others for each purpose (HMAC-SHA256)."""
        return hmac.digest(bytes(self._key), f"vivavoce {purpose}".encode(), "sha256")

    def seal(self, secret: str) -> str:
        """The secret, readable by this vault alone, in base64."""
        return _sealed(self._key.public_key, secret)

    def open(self, sealed: str) -> str:
        """The secret that was sealed to this vault; raises InvalidInput."""
        try:
            return SealedBox(self._key).decrypt(base64.b64decode(sealed, validate=True)).decode()
        except (CryptoError, ValueError) as error:
            raise InvalidInput("secret: it is not sealed to the key of whoever opens it") from error


def seal_to(public_key: str, secret: str) -> str:
    """The secret, readable by the public key's owner alone, in base64; raises InvalidInput."""
    try:
        key = PublicKey(base64.b64decode(public_key, validate=True))
    except (CryptoError, ValueError) as error:
        raise InvalidInput("public key: give an X25519 public key, 32 bytes in base64") from error
    return _sealed(key, secret)


def _sealed(key: PublicKey, secret: str) -> str:
    return base64.b64encode(SealedBox(key).encrypt(secret.encode())).decode()
