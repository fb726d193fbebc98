"""Places in lists as callers keep them: opaque, and good only for the list that they were given for."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from vivavoce.chassis.errors import InvalidInput
from vivavoce.gateway.auth.signing import key_for

PURPOSE = "cursors"
MARK_BYTES = 12


class InvalidCursor(InvalidInput):
    """The cursor was not given by this list, or not by this deployment."""

    code = "invalid_cursor"


@dataclass(frozen=True)
class Cursors:
    """Writes and reads cursors, signed with a key of their own.

    Without a secret the signature only finds mistakes. That opens nothing: a cursor says where a list goes
    on, and whose list it is comes from the caller's credentials.
    """

    key: bytes

    @classmethod
    def signed_with(cls, secret: str) -> "Cursors":
        """Cursors of a deployment with this secret."""
        return cls(key_for(PURPOSE, secret))

    def write(self, scope: str, place: str) -> str:
        """The cursor of a place in the list that the scope names."""
        content = place.encode()
        return base64.urlsafe_b64encode(self._mark(scope, content) + content).decode().rstrip("=")

    def read(self, scope: str, cursor: str) -> str:
        """The place; raises InvalidCursor."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            found = base64.b64decode(padded, altchars=b"-_", validate=True)
            place = found[MARK_BYTES:].decode()
        except (binascii.Error, UnicodeError) as error:
            raise _refused() from error
        if not hmac.compare_digest(found[:MARK_BYTES], self._mark(scope, found[MARK_BYTES:])):
            raise _refused()
        return place

    def _mark(self, scope: str, content: bytes) -> bytes:
        signed = hmac.new(self.key, f"{scope}\n".encode() + content, hashlib.sha256)
        return signed.digest()[:MARK_BYTES]


def _refused() -> InvalidCursor:
    return InvalidCursor("The cursor was not given by this list; begin without one.")
