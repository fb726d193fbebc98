"""Makes the attempts: one delivery, one attempt unless something is in its way."""

import asyncio
from dataclasses import dataclass

from vivavoce.chassis import tracing
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.jobs import Settle
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.tracing import Span, SpanKind
from vivavoce.contracts import Waiting
from vivavoce.notifier import signing
from vivavoce.notifier.deliveries import Delivery, Outcome
from vivavoce.notifier.endpoints import Endpoint, Standing
from vivavoce.notifier.messages import Message
from vivavoce.notifier.pacing import Pacing
from vivavoce.notifier.ports import Request, Sender
from vivavoce.notifier.settlement import Made, Settlement
from vivavoce.notifier.standing import is_shut
from vivavoce.notifier.tables import Tables


@dataclass(frozen=True)
class Ready:
    """What an attempt needs, of an endpoint that takes it now."""

    endpoint: Endpoint
    message: Message


class Sending:
    """What the pool runs for every delivery that is due."""

    def __init__(
        self,
        tables: Tables,
        settlement: Settlement,
        pacing: Pacing,
        sender: Sender,
        vault: Vault,
        clock: Clock,
        *,
        tells_trace: bool = False,
    ) -> None:
        self._tables = tables
        self._settlement = settlement
        self._pacing = pacing
        self._sender = sender
        self._vault = vault
        self._clock = clock
        self._tells_trace = tells_trace

    async def attempt(self, delivery: Delivery) -> Settle[Delivery]:
        """Make one attempt; the answer says how the delivery is to be stored.

        What raises here is the notifier's own fault: it is tried again and charged to nobody.
        """
        found = await self._ready(delivery)
        return await self.first(delivery, found) if isinstance(found, Ready) else found

    async def first(self, delivery: Delivery, ready: Ready) -> Settle[Delivery]:
        """The same for a delivery that has been stored just now, by whoever had read what is needed."""
        slot = await self._pacing.slot(ready.endpoint, delivery)
        if slot is not None:
            return self._settlement.put_off(slot)
        made = await self._made(delivery, ready)
        return self._settlement.of(ready.endpoint, made)

    async def _ready(self, delivery: Delivery) -> Ready | Settle[Delivery]:
        endpoint, message, standing = await asyncio.gather(
            self._tables.endpoint(delivery.organization_id, delivery.endpoint_id),
            self._tables.messages.get(delivery.organization_id, delivery.event_id),
            self._tables.standings.get(delivery.organization_id, delivery.endpoint_id),
        )
        if endpoint is None:
            return self._settlement.cancel("the endpoint has been deleted")
        if message is None:
            return self._settlement.cancel("the message is no longer kept")
        waiting = self._waiting(delivery, endpoint, standing)
        if waiting is not None:
            return self._settlement.park(waiting)
        return Ready(endpoint, message)

    def _waiting(self, delivery: Delivery, endpoint: Endpoint, standing: Standing | None) -> Waiting | None:
        if not endpoint.active:
            return Waiting.DISABLED
        return Waiting.ENDPOINT if is_shut(standing, delivery.id, self._clock.now()) else None

    async def _made(self, delivery: Delivery, ready: Ready) -> Made:
        now = self._clock.now()
        signed_by = signing.signers(self._vault, ready.endpoint.secrets, now)
        body = ready.message.body
        headers = signing.signed_headers(signed_by, delivery.event_id, body, now)
        with tracing.step("POST webhook", SpanKind.CLIENT, {"http.request.method": "POST"}) as span:
            headers |= self._trace_headers(span)
            outcome = await self._sender.send(Request(url=ready.endpoint.url, body=body, headers=headers))
            tell_of_outcome(span, outcome)
        return Made(headers, outcome, tuple(signer.secret for signer in signed_by))

    def _trace_headers(self, span: Span) -> dict[str, str]:
        """Our ids mean nothing to most subscribers, so they are told only if the operator wishes so."""
        traceparent = tracing.traceparent_of(span) if self._tells_trace else None
        return {} if traceparent is None else {"traceparent": traceparent}


def tell_of_outcome(span: Span, outcome: Outcome) -> None:
    """What came of an attempt, without the subscriber's address or words."""
    if outcome.status is not None:
        span.set_attribute("http.response.status_code", outcome.status)
    if not outcome.accepted:
        tracing.fail(span, outcome.word)
