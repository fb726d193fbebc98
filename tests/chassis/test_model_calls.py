"""Calls of models: timed, counted, priced, and told of across processes."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY

from tests.support import model_work
from tests.support.spans import recorded
from vivavoce.chassis import tracing
from vivavoce.chassis.errors import NotFound
from vivavoce.chassis.model_calls import model_call, set_prices
from vivavoce.chassis.offload import Offload
from vivavoce.chassis.prices import Price

_numbers = count(1)


@pytest.fixture
def model() -> str:
    """A model that no other test has called."""
    return f"tiny-{next(_numbers)}"


@pytest.fixture
def priced(model: str) -> Iterator[str]:
    set_prices({model: Price(input=0.5, output=2.0)})
    yield model
    set_prices({})


@pytest.fixture(scope="module")
async def offload() -> AsyncIterator[Offload]:
    made = Offload(1)
    yield made
    await made.close()


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_a_call_is_a_span_and_a_count(model: str) -> None:
    with recorded() as kept, tracing.span("judging"), model_call("judge", "groq", model):
        pass
    span = kept.one(f"judge {model}")
    assert span.kind is SpanKind.CLIENT
    assert kept.path(span) == ["judging", span.name]
    assert (span.attributes or {})["gen_ai.provider.name"] == "groq"
    labels = {"operation": "judge", "provider": "groq", "model": model}
    assert value("viva_model_calls_total", **labels, outcome="ok") == 1
    assert value("viva_model_seconds_count", **labels) == 1


def test_a_call_that_fails_is_counted_by_its_kind(model: str) -> None:
    with (
        recorded() as kept,
        tracing.span("judging"),
        pytest.raises(NotFound),
        model_call("judge", "groq", model),
    ):
        raise NotFound("no such model")
    labels = {"operation": "judge", "provider": "groq", "model": model}
    assert value("viva_model_calls_total", **labels, outcome="not_found") == 1
    assert value("viva_model_calls_total", **labels, outcome="ok") is None
    assert kept.one(f"judge {model}").status.status_code is StatusCode.ERROR


def test_tokens_are_counted_and_priced(priced: str) -> None:
    with model_call("judge", "groq", priced) as call:
        call.input_tokens, call.output_tokens = 2_000_000, 500_000
    labels = {"provider": "groq", "model": priced}
    assert value("viva_model_tokens_total", **labels, direction="input") == 2_000_000
    assert value("viva_model_tokens_total", **labels, direction="output") == 500_000
    assert value("viva_model_cost_dollars_total", **labels) == pytest.approx(2.0)


def test_a_model_without_a_price_costs_nothing(model: str) -> None:
    with model_call("judge", "groq", model) as call:
        call.input_tokens = 10
    assert value("viva_model_cost_dollars_total", provider="groq", model=model) is None


async def test_a_call_in_a_worker_process_is_a_part_of_what_asked_for_it(
    offload: Offload, model: str
) -> None:
    with recorded() as kept, tracing.span("analyse"):
        assert await offload.run(model_work.hear, model, within=30) == "heard"
    assert kept.path(kept.one(f"transcribe {model}")) == ["analyse", f"transcribe {model}"]
    labels = {"operation": "transcribe", "provider": "whisper", "model": model}
    assert value("viva_model_calls_total", **labels, outcome="ok") == 1


async def test_a_call_that_fails_in_a_worker_process_is_counted_too(offload: Offload, model: str) -> None:
    with recorded() as kept, tracing.span("analyse"), pytest.raises(NotFound):
        await offload.run(model_work.hear_nothing, model, within=30)
    assert kept.one(f"transcribe {model}").status.status_code is StatusCode.ERROR
    labels = {"operation": "transcribe", "provider": "whisper", "model": model}
    assert value("viva_model_calls_total", **labels, outcome="not_found") == 1


async def test_a_call_in_a_lane_of_a_worker_process_comes_through_both(offload: Offload, model: str) -> None:
    with recorded() as kept, tracing.span("analyse"):
        await offload.run(model_work.hear_in_a_lane, model, within=60)
    assert kept.path(kept.one(f"transcribe {model}")) == ["analyse", f"transcribe {model}"]
