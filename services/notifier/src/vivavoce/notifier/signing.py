"""Signs deliveries by Standard Webhooks, with the published library.

Any string is a valid secret. `whsec_` followed by base64 is that specification's form; of any other
string, also one that only begins like it, the UTF-8 bytes are the key.
"""

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

from vivavoce.chassis.errors import InvalidInput

PREFIX = "whsec_"
NEW_SECRET_BYTES = 32
MOST_SECRET_BYTES = 1024


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


def signed_headers(secret: str, event_id: str, body: str, at: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks for one attempt at `at` (UTC)."""
    signature = Webhook(secret).sign(msg_id=event_id, timestamp=at.astimezone(UTC), data=body)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
