"""Attempts belong to the trace of what happened; subscribers hear of it only if the operator says so."""

import pytest
from opentelemetry.trace import StatusCode

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.facts import scored
from tests.support.spans import own, recorded
from vivavoce.chassis import tracing


async def told(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    with tracing.span("what happened"):
        await notifier.hear(scored(), "event-1")
    await notifier.send_due()


@pytest.mark.parametrize("tells", [True, False])
async def test_subscribers_are_told_of_the_attempts_span_or_of_none(tells: bool) -> None:
    notifier = Notifier(webhook_traceparent=tells)
    with recorded() as kept:
        await told(notifier)
    (sent,) = notifier.sender.sent
    context = own(kept.one("POST webhook"))
    expected = f"00-{context.trace_id:032x}-{context.span_id:016x}"
    assert sent.headers.get("traceparent", "")[:52] == (expected if tells else "")


async def test_without_tracing_subscribers_are_told_nothing() -> None:
    notifier = Notifier(webhook_traceparent=True)
    await told(notifier)
    assert "traceparent" not in notifier.sender.sent[0].headers


async def test_every_attempt_belongs_to_the_trace_of_what_happened() -> None:
    notifier = Notifier()
    notifier.sender.statuses = [500, 503]
    with recorded() as kept:
        await told(notifier)
        await notifier.go_on(minutes=6)
    attempts = kept.named("POST webhook")
    assert {tuple(kept.path(span)[::2]) for span in attempts} == {("what happened", "deliver webhook")}
    assert [(span.attributes or {})["http.response.status_code"] for span in attempts] == [500, 503, 204]
    states = [span.status.status_code for span in attempts]
    assert states == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    assert (attempts[0].attributes or {})["error.type"] == "refused"


async def test_lines_about_a_delivery_carry_the_correlation_id_of_what_happened() -> None:
    notifier = Notifier()
    await told(notifier)
    delivery = await notifier.delivery("event-1")
    assert delivery.context.correlation_id != delivery.id
