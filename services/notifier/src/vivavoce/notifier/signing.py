"""Signs deliveries by Standard Webhooks, with the published library.

Any string is a valid secret. One that starts with `whsec_` is read as that specification's base64
form; of any other, the UTF-8 bytes are the key.
"""

import base64
import binascii
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
    if not secret.startswith(PREFIX):
        return PREFIX + base64.b64encode(secret.encode()).decode()
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX) + "==", validate=False)
    except binascii.Error as error:
        raise InvalidInput("secret: what follows whsec_ must be base64") from error
    if not key:
        raise InvalidInput("secret: whsec_ must be followed by a key in base64")
    return secret


def signed_headers(secret: str, event_id: str, body: str, at: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks for one attempt at `at` (UTC)."""
    signature = Webhook(secret).sign(msg_id=event_id, timestamp=at.astimezone(UTC), data=body)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
