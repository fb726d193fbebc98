"""Digests of what is stored: the same for the same document, and no way to guess one from its digest."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vivavoce.chassis.documents import Document
from vivavoce.chassis.stored import stored_form


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """One spelling of a stored form: names in order, no spaces, times as ISO 8601, bytes as base64."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_as_text)
    return text.encode()


class KeyedDigest:
    """HMAC-SHA256 over the canonical JSON of stored forms; without a key there are no digests.

    What is stored of a person is short and easy to guess, and a plain hash of it could be searched. As the
    stored form holds its organization, digests can't be compared across organizations either.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, document: Document | None) -> str | None:
        """The digest in hex; None for what isn't there."""
        if document is None or not self._key:
            return None
        return hmac.digest(self._key, canonical_json(stored_form(document)), "sha256").hex()


def _as_text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            raise TypeError(f"not in a stored form: {type(value).__name__}")
