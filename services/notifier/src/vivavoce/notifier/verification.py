"""Finds out whether an address wants to be called, so that nobody has us flood a stranger's server."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.sealing import Vault
from vivavoce.contracts import DisabledReason, WebhookOptions, ids
from vivavoce.contracts.webhook_limits import FASTEST_RATE, SLOWEST_RATE
from vivavoce.notifier import signing
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.ports import Request, Sender

HANDSHAKE_SECONDS = 1.0
CHALLENGE_SECONDS = 2.0
CHALLENGE_BYTES = 24
CHALLENGE_TYPE = "webhook.challenge"
ORIGIN_HEADER = "webhook-request-origin"
ALLOWED_ORIGIN = "webhook-allowed-origin"
ALLOWED_RATE = "webhook-allowed-rate"
ANY = "*"
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class Proof:
    """Whether the endpoint agreed, or why that is not known.

    `rate_limit` is what it allows, in attempts per second; None is no limit.
    """

    detail: str | None = None
    rate_limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the endpoint wants to be called."""
        return self.detail is None


class Ownership:
    """Asks an endpoint by the CloudEvents handshake for webhooks, or else by a signed challenge.

    The challenge has to come back by itself, as text or as `challenge` in a JSON object: a server that only
    echoes what it is sent proves nothing.
    """

    def __init__(self, sender: Sender, vault: Vault, origin: str, clock: Clock) -> None:
        self._sender = sender
        self._vault = vault
        self._origin = origin
        self._clock = clock

    async def prove(self, endpoint: Endpoint) -> Proof:
        """Ask, for at most 3 seconds."""
        agreed = await self._shaken_hands(endpoint)
        if agreed.holds:
            return agreed
        challenged = await self._challenged(endpoint)
        if challenged.holds:
            return challenged
        return Proof(detail=f"OPTIONS: {agreed.detail}; challenge: {challenged.detail}")

    async def _shaken_hands(self, endpoint: Endpoint) -> Proof:
        outcome = await self._sender.send(
            Request(
                url=endpoint.url,
                method="OPTIONS",
                headers={ORIGIN_HEADER: self._origin},
                within=HANDSHAKE_SECONDS,
            )
        )
        allowed = outcome.response_headers.get(ALLOWED_ORIGIN, "").strip()
        if not outcome.accepted:
            return Proof(detail=_failure(outcome))
        if allowed not in (ANY, self._origin):
            return Proof(detail=f"{ALLOWED_ORIGIN} is neither {ANY} nor {self._origin}")
        return Proof(rate_limit=_rate(outcome.response_headers.get(ALLOWED_RATE, "")))

    async def _challenged(self, endpoint: Endpoint) -> Proof:
        challenge, now = secrets.token_urlsafe(CHALLENGE_BYTES), self._clock.now()
        body = _challenge_body(challenge, now)
        signed_by = signing.signers(self._vault, endpoint.secrets, now)
        headers = signing.signed_headers(signed_by, ids.new_id(), body, now)
        outcome = await self._sender.send(
            Request(url=endpoint.url, body=body, headers=headers, within=CHALLENGE_SECONDS)
        )
        if not outcome.accepted:
            return Proof(detail=_failure(outcome))
        if not _is_answered(outcome.response_body, challenge):
            return Proof(detail="it didn't answer with data.challenge")
        return Proof()


class Gatekeeper:
    """Asks for proof where the deployment requires it, and always when it is told to."""

    def __init__(self, ownership: Ownership, *, required: bool) -> None:
        self._ownership = ownership
        self.required = required

    async def proof_of(self, endpoint: Endpoint) -> Proof:
        """The proof, which holds by itself where none is required."""
        return await self._ownership.prove(endpoint) if self.required else Proof()

    async def proof_anew(self, endpoint: Endpoint) -> Proof:
        """The proof, required or not."""
        return await self._ownership.prove(endpoint)


def with_proof(endpoint: Endpoint, proof: Proof, now: datetime) -> Endpoint:
    """The endpoint at the rate that it allows, or disabled until it agrees."""
    if proof.holds:
        return endpoint.model_copy(update={"options": _at_most(endpoint.options, proof.rate_limit)})
    update = {
        "active": False,
        "disabled_reason": DisabledReason.UNVERIFIED,
        "disabled_detail": proof.detail,
        "disabled_at": endpoint.disabled_at or now,
        "updated_at": now,
    }
    return endpoint.model_copy(update=update)


def _at_most(options: WebhookOptions, rate: float | None) -> WebhookOptions:
    if rate is None or (options.rate_limit is not None and options.rate_limit <= rate):
        return options
    return options.model_copy(update={"rate_limit": rate})


def _challenge_body(challenge: str, now: datetime) -> str:
    at = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": CHALLENGE_TYPE, "timestamp": at, "data": {"challenge": challenge}})


def _is_answered(body: str, challenge: str) -> bool:
    if body.strip() == challenge:
        return True
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and answer.get("challenge") == challenge


def _rate(allowed: str) -> float | None:
    """Requests per minute as attempts per second; what can't be read limits nothing."""
    try:
        per_minute = int(allowed.strip())
    except ValueError:
        return None
    return min(max(per_minute / SECONDS_PER_MINUTE, SLOWEST_RATE), FASTEST_RATE)


def _failure(outcome: Outcome) -> str:
    return outcome.error or f"it answered {outcome.status}"
