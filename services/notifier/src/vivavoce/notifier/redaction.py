"""Takes out of the log what would let its reader in: signatures, cookies, credentials, secrets."""

import re
from collections.abc import Iterable, Mapping

SIGNATURE = "webhook-signature"
SIGNATURE_SHOWN = 12
HIDDEN = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authenticate",
        "proxy-authorization",
        "set-cookie",
        "www-authenticate",
        "x-api-key",
    }
)
MASK = "***"
CREDENTIALS = re.compile(r"whsec_[A-Za-z0-9+/=_-]+|(?<=bearer )[A-Za-z0-9._~+/=-]+", re.IGNORECASE)
MOST_HEADERS = 50
MOST_VALUE_CHARACTERS = 1024


def request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What was sent, with the beginnings of its signatures only."""
    return {
        name: _cut_signatures(value) if name.lower() == SIGNATURE else value
        for name, value in headers.items()
    }


def response_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    """What came back, without credentials, and not without end."""
    known = tuple(secrets)
    kept = [(name, value) for name, value in headers.items() if name.lower() not in HIDDEN]
    return {name: masked(value, known)[:MOST_VALUE_CHARACTERS] for name, value in kept[:MOST_HEADERS]}


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the given secrets, anything that looks like one, and bearer tokens."""
    for secret in secrets:
        for form in (secret, secret.removeprefix("whsec_")):
            text = text.replace(form, MASK) if form else text
    return CREDENTIALS.sub(MASK, text)


def _cut_signatures(value: str) -> str:
    return " ".join(f"{signature[:SIGNATURE_SHOWN]}…" for signature in value.split())
