"""The chain's rules: how an entry is linked to the one before, and a head sealed."""

import hashlib
import hmac
from collections.abc import Iterable

from vivavoce.chassis.digests import canonical_json
from vivavoce.chassis.stored import stored_form
from vivavoce.gateway.audit.entries import Entry, Head

GENESIS = "0" * 64
"""What the first entry of a chain has for the hash of the one before."""


def hash_of(entry: Entry) -> str:
    """SHA-256 in hex over the entry's canonical JSON, its number and the previous hash among it."""
    stored = stored_form(entry)
    del stored["hash"]
    return hashlib.sha256(canonical_json(stored)).hexdigest()


def linked(entry: Entry, number: int, previous: str) -> Entry:
    """The entry as a link of its chain."""
    placed = entry.model_copy(update={"number": number, "previous": previous})
    return placed.model_copy(update={"hash": hash_of(placed)})


def seal_of(head: Head, key: bytes) -> str:
    """HMAC-SHA256 in hex over whose head it is, its number and its hash; empty without a key."""
    if not key:
        return ""
    told = canonical_json({"organization": head.organization_id, "number": head.number, "hash": head.hash})
    return hmac.digest(key, told, "sha256").hex()


def sealed(head: Head, key: bytes) -> Head:
    """The head with its seal."""
    return head.model_copy(update={"seal": seal_of(head, key)})


def is_sealed(head: Head, key: bytes) -> bool:
    """Whether the head is as this deployment left it; without a key nobody can tell."""
    return hmac.compare_digest(head.seal.encode(), seal_of(head, key).encode())


def extended(head: Head | None, entries: Iterable[Entry], key: bytes) -> tuple[list[Entry], Head | None]:
    """The entries linked behind the head, in their order, and the head that they lead to.

    A head that isn't sealed is followed by heads that aren't either: to seal them would be to vouch for
    whatever was done to it.
    """
    intact = head is None or is_sealed(head, key)
    links: list[Entry] = []
    for entry in entries:
        number, previous = (0, GENESIS) if head is None else (head.number, head.hash)
        links.append(linked(entry, number + 1, previous))
        organization = entry.organization_id
        head = Head(id=organization, organization_id=organization, number=number + 1, hash=links[-1].hash)
    return links, sealed(head, key) if head is not None and intact else head
