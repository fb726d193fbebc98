"""Signs deliveries by Standard Webhooks, with the published library: for each secret `v1` and `v1a`.

Any string is a valid secret. `whsec_` followed by base64 is that specification's form; of any other
string, also one that only begins like it, the UTF-8 bytes are the key.
"""

import base64
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nacl.signing import SigningKey
from standardwebhooks import Webhook

from vivavoce.chassis.errors import InvalidInput
from vivavoce.chassis.sealing import Vault
from vivavoce.contracts import ids
from vivavoce.notifier.endpoints import StoredSecret

PREFIX = "whsec_"
NEW_SECRET_BYTES = 32
MOST_SECRET_BYTES = 1024
ASYMMETRIC = "v1a"


def new_secret() -> str:
    """A random secret in the `whsec_` form."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_SECRET_BYTES)).decode()


def normalized_secret(secret: str) -> str:
    """The `whsec_` form of any secret, which the standard libraries take; raises InvalidInput."""
    if not secret or len(secret.encode()) > MOST_SECRET_BYTES:
        raise InvalidInput(f"secret: give 1 to {MOST_SECRET_BYTES} bytes, or leave it out to get one made")
    if secret == PREFIX:
        raise InvalidInput("secret: whsec_ must be followed by a key")
    return PREFIX + base64.b64encode(_key_of(secret)).decode()


def _key_of(secret: str) -> bytes:
    """What strict readers of the `whsec_` form agree on; its padding may be left out."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    encoded = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True) or secret.encode()
    except ValueError:
        return secret.encode()


@dataclass(frozen=True)
class Signer:
    """A secret in the `whsec_` form and the signing key that came with it, opened for one attempt."""

    secret: str
    key: SigningKey

    def signatures(self, event_id: str, body: str, at: datetime) -> tuple[str, str]:
        """`v1` (HMAC-SHA256) and `v1a` (Ed25519), both over `id.timestamp.body`."""
        symmetric = Webhook(self.secret).sign(msg_id=event_id, timestamp=at.astimezone(UTC), data=body)
        signed = self.key.sign(f"{event_id}.{int(at.timestamp())}.{body}".encode())
        return symmetric, f"{ASYMMETRIC},{base64.b64encode(signed.signature).decode()}"


def new_stored_secret(vault: Vault, secret: str, now: datetime) -> StoredSecret:
    """A secret in the `whsec_` form with a new signing key beside it, both sealed."""
    key = SigningKey.generate()
    public = base64.urlsafe_b64encode(bytes(key.verify_key)).rstrip(b"=").decode()
    return StoredSecret(
        id=ids.derived_id(public),
        sealed_secret=vault.seal(secret),
        sealed_seed=vault.seal(base64.b64encode(bytes(key)).decode()),
        public_key=public,
        since=now,
    )


def signers(vault: Vault, stored: Iterable[StoredSecret], now: datetime) -> tuple[Signer, ...]:
    """Those that sign at `now`: the current one, and replaced ones until they end; newest first."""
    return tuple(
        Signer(vault.open(one.sealed_secret), SigningKey(base64.b64decode(vault.open(one.sealed_seed))))
        for one in stored
        if one.ends_at is None or one.ends_at > now
    )


def signed_headers(signed_by: Sequence[Signer], event_id: str, body: str, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks for one attempt at `at` (UTC); unsigned when nobody signs."""
    headers = {"webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp()))}
    signatures = [one for signer in signed_by for one in signer.signatures(event_id, body, at)]
    return {**headers, "webhook-signature": " ".join(signatures)} if signatures else headers
