"""Keys for what the gateway signs itself, derived from the deployment's one secret.

Each purpose has a key of its own, so that what was signed for one never passes for another.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def key_for(purpose: str, secret: str) -> bytes:
    """The 32 bytes for a purpose by HKDF-SHA256 (RFC 5869); none without a secret."""
    if not secret:
        return b""
    derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"vivavoce {purpose}".encode())
    return derivation.derive(secret.encode())
