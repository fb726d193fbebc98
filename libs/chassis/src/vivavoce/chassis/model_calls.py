"""Calls of models: each a span, a latency, a count by outcome and, where tokens are paid for, a cost.

Models work in the process that asks, or in one that it started for that. The latter tells the former of its
calls, which are recorded there: a worker has no network and no metrics of its own.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from vivavoce.chassis import tracing
from vivavoce.chassis.edge_metrics import MODEL_CALLS, MODEL_DOLLARS, MODEL_SECONDS, MODEL_TOKENS
from vivavoce.chassis.prices import MILLION, Price
from vivavoce.chassis.tracing import SpanKind

OK = "ok"


@dataclass
class ModelCall:
    """One call: what was done (`operation`), by what; `ended_ns` is the time of its end since 1970.

    Whoever makes the call sets the tokens, if it is told of any.
    """

    operation: str
    provider: str
    model: str
    outcome: str = OK
    seconds: float = 0.0
    ended_ns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def name(self) -> str:
        """The name of the call's span."""
        return f"{self.operation} {self.model}"

    @property
    def attributes(self) -> dict[str, str | int | float | bool]:
        """What the call's span says, by OpenTelemetry's conventions for generative models."""
        told: dict[str, str | int | float | bool] = {
            "gen_ai.operation.name": self.operation,
            "gen_ai.provider.name": self.provider,
            "gen_ai.request.model": self.model,
        }
        if self.input_tokens or self.output_tokens:
            told["gen_ai.usage.input_tokens"] = self.input_tokens
            told["gen_ai.usage.output_tokens"] = self.output_tokens
        if self.outcome != OK:
            told["error.type"] = self.outcome
        return told


Send = Callable[[dict[str, Any]], None]


class _Place:
    """Where calls of this process are told, and what tokens cost."""

    send: Send | None = None
    prices: Mapping[str, Price] = {}


_place = _Place()


def set_prices(prices: Mapping[str, Price]) -> None:
    """Count what tokens cost by this table of models."""
    _place.prices = prices


def send_calls(send: Send | None) -> None:
    """Tell whoever started this process of its calls, as JSON, in place of recording them here."""
    _place.send = send


def receive_call(told: Mapping[str, Any]) -> None:
    """Record a call of another process as a part of the current span, or pass it on."""
    call = ModelCall(**told)
    if _place.send is not None:
        _place.send(asdict(call))
        return
    failed = call.outcome != OK
    tracing.past_span(
        call.name, SpanKind.CLIENT, call.seconds, call.attributes, ended_ns=call.ended_ns, failed=failed
    )
    _count(call)


@contextmanager
def model_call(operation: str, provider: str, model: str) -> Iterator[ModelCall]:
    """A call of a model for the length of a block."""
    call, send = ModelCall(operation, provider, model), _place.send
    with tracing.step(call.name, SpanKind.CLIENT, call.attributes) as span:
        try:
            with _timed(call):
                yield call
        finally:
            if send is not None:
                send(asdict(call))
            else:
                span.set_attributes(call.attributes)
                _count(call)


@contextmanager
def _timed(call: ModelCall) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    except BaseException as error:
        call.outcome = tracing.error_type(error)
        raise
    finally:
        call.seconds, call.ended_ns = time.monotonic() - started, time.time_ns()


def _count(call: ModelCall) -> None:
    exemplar = tracing.exemplar()
    MODEL_CALLS.labels(call.operation, call.provider, call.model, call.outcome).inc()
    MODEL_SECONDS.labels(call.operation, call.provider, call.model).observe(call.seconds, exemplar)
    for direction, tokens in (("input", call.input_tokens), ("output", call.output_tokens)):
        if tokens:
            MODEL_TOKENS.labels(call.provider, call.model, direction).inc(tokens)
    price = _place.prices.get(call.model)
    if price is not None:
        dollars = (call.input_tokens * price.input + call.output_tokens * price.output) / MILLION
        MODEL_DOLLARS.labels(call.provider, call.model).inc(dollars)
