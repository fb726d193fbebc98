"""What a caller's key is turned into: names and secrets that tell a database's reader nothing of it."""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vivavoce.chassis.errors import CorruptObject

KEY_BYTES = 32
NONCE_BYTES = 12
_STRUCTURED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Scope:
    """Where a key counts: the same value of another principal, or for another route, is another key."""

    organization_id: str
    principal_id: str
    route: str


class Key:
    """One key in its scope. All that it is used for is derived from its value and the deployment's secret.

    So a stored answer can only be read by a caller who knows the key's value, which isn't stored.
    """

    def __init__(self, value: str, scope: Scope, secret: bytes) -> None:
        place = "\0".join((scope.organization_id, scope.principal_id, scope.route)).encode()
        self._root = _derive(unquoted(value).encode(), b"root\0" + place, secret)
        self.id = self.derive("id", KEY_BYTES).hex()

    def derive(self, purpose: str, size: int) -> bytes:
        """Bytes for a purpose, the same for every request with this key (HKDF-SHA256, RFC 5869)."""
        return _derive(self._root, b"for\0" + purpose.encode(), b"", size)

    def digest(self, *parts: bytes) -> str:
        """Names a request's content, without letting anybody guess at it who doesn't know the key."""
        keyed = hmac.new(self.derive("digest", KEY_BYTES), digestmod=hashlib.sha256)
        for part in parts:
            keyed.update(len(part).to_bytes(8) + part)
        return keyed.hexdigest()

    def seal(self, content: bytes) -> bytes:
        """The content, readable with this key alone (AES-256-GCM)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed; raises CorruptObject."""
        try:
            return self._cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise CorruptObject("The answer that was kept for this Idempotency-Key can't be read.") from error

    def _cipher(self) -> AESGCM:
        return AESGCM(self.derive("answer", KEY_BYTES))


def unquoted(value: str) -> str:
    """The key itself: a structured field's string (RFC 8941, section 3.3.3) is the same as what it quotes."""
    quoted = _STRUCTURED.fullmatch(value)
    return _ESCAPED.sub(r"\1", quoted[1]) if quoted else value


def _derive(material: bytes, info: bytes, salt: bytes, size: int = KEY_BYTES) -> bytes:
    return HKDF(algorithm=SHA256(), length=size, salt=salt, info=info).derive(material)
