"""What a request that may be a repeat works under, for services whose effects must meet themselves."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from vivavoce.gateway.idempotency.keys import Key

CAUSE_BYTES = 16


@dataclass(frozen=True)
class Claim:
    """The right to run a request, until the lease ends; `token` tells who has it from who had it before."""

    organization_id: str
    key: Key
    digest: str
    token: str

    @property
    def cause(self) -> str:
        """An id that is the same for every run of the request: what is emitted has ids derived from it."""
        return self.key.derive("cause", CAUSE_BYTES).hex()


@dataclass
class Slot:
    """Where a request's claim is put once it is known who sends it."""

    claim: Claim | None = None


SLOT: ContextVar[Slot | None] = ContextVar("idempotency_slot", default=None)
"""That of the request being served, if it has a key."""


def current_claim() -> Claim | None:
    """The claim of the request being served, if it has one."""
    slot = SLOT.get()
    return None if slot is None else slot.claim


def repeatable_bytes(purpose: str, size: int) -> bytes:
    """Bytes that nobody can guess, and that are the same when this request runs again; else random ones.

    What a service makes ids and secrets of, so that a repeat after a crash finds what the first run stored.
    """
    claim = current_claim()
    return secrets.token_bytes(size) if claim is None else claim.key.derive(purpose, size)
