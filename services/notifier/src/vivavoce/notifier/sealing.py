"""Seals webhook secrets to the notifier's key, on the way over Kafka and at rest."""

import base64
import binascii

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from vivavoce.chassis.errors import InvalidInput


class Vault:
    """Holds the notifier's private key: X25519, 32 bytes in base64."""

    def __init__(self, private_key: str) -> None:
        self._key = PrivateKey(base64.b64decode(private_key))

    def seal(self, secret: str) -> str:
        """The secret, readable by this vault alone, in base64."""
        return seal_to(self._key.public_key, secret)

    def open(self, sealed: str) -> str:
        """The secret that was sealed to this vault; raises InvalidInput."""
        try:
            return SealedBox(self._key).decrypt(base64.b64decode(sealed)).decode()
        except (CryptoError, binascii.Error, UnicodeDecodeError) as error:
            raise InvalidInput("secret: it is not sealed to the notifier's key") from error


def public_key(encoded: str) -> PublicKey:
    """Read a public key from base64; raises InvalidInput."""
    try:
        return PublicKey(base64.b64decode(encoded))
    except (CryptoError, binascii.Error) as error:
        raise InvalidInput("reply_key: give an X25519 public key, 32 bytes in base64") from error


def seal_to(key: PublicKey, secret: str) -> str:
    """The secret, readable by the key's owner alone, in base64."""
    return base64.b64encode(SealedBox(key).encrypt(secret.encode())).decode()
