"""What traces cost: a span by itself, and a request, with tracing off, on, and on with a file to write to."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import structlog
from starlette.types import Message, Receive, Scope, Send

from tests.support.gateway import GatewayBench
from vivavoce.chassis import tracing
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.traffic import TrafficMiddleware
from vivavoce.chassis.watching import configure_watching

SPANS = 20_000
WATCHED = 5_000
REQUESTS = 400
ROUNDS = 7
NOWHERE = ServiceSettings()


def ways(folder: Path) -> dict[str, ServiceSettings]:
    """Tracing off, decided against, and written to a file."""
    return {
        "off": NOWHERE,
        "on, not recorded": ServiceSettings(trace_folder=folder, trace_ratio=0.0),
        "on, to a file": ServiceSettings(trace_folder=folder, trace_ratio=1.0),
    }


@contextmanager
def traced(settings: ServiceSettings) -> Iterator[None]:
    """Trace by these settings for the length of a block."""
    configure_watching(settings)
    try:
        yield
    finally:
        configure_watching(NOWHERE)


def microseconds(work: Callable[[], None], times: int) -> float:
    """How long one of many repetitions takes, in this thread's processor time and that of all others."""
    started = time.process_time()
    work()
    return (time.process_time() - started) / times * 1e6


def make_spans() -> None:
    """Traces of two spans with five attributes each."""
    told: tracing.Attributes = {"a": "x", "b": 1, "c": 2.0, "d": True, "e": "y"}
    for number in range(SPANS // 2):
        with tracing.span("work", attributes=told), tracing.step("part", attributes=told):
            pass
        if number % 500 == 0:
            time.sleep(0.02)  # a process that only makes spans would have most of them dropped


async def answer(_: Scope, __: Receive, send: Send) -> None:
    """An application that does nothing but answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def watch_requests() -> float:
    """Microseconds of processor time that watching adds to a request: its counts, its time and its span."""
    watched = TrafficMiddleware(answer)
    spent: list[float] = []
    for app in (answer, watched):
        started = time.process_time()
        for number in range(WATCHED):
            scope = {"type": "http", "path": "/", "method": "GET", "headers": []}
            await app(scope, _nothing, _swallow)
            if number % 250 == 0:
                await asyncio.sleep(0.02)
        spent.append(time.process_time() - started)
    return (spent[1] - spent[0]) / WATCHED * 1e6


async def _nothing() -> Message:
    return {"type": "http.request"}


async def _swallow(_: Message) -> None:
    return


async def make_requests(bench: GatewayBench) -> float:
    """Microseconds of processor time per read of an interview that isn't there."""
    async with bench.client() as client:
        started = time.process_time()
        for _ in range(REQUESTS):
            await client.get("/api/interview-record/none")
        return (time.process_time() - started) / REQUESTS * 1e6


def main() -> None:
    """Print a table; the ways take turns, and medians are shown."""
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bench = GatewayBench(folder)
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways(folder)}
        for _ in range(ROUNDS):
            for name, settings in ways(folder).items():
                with traced(settings):
                    span = microseconds(make_spans, SPANS)
                    watched = asyncio.run(watch_requests())
                    found[name].append((span, watched, asyncio.run(make_requests(bench))))
    print(f"{'tracing':20} {'us per span':>12} {'us to watch':>12} {'us per request':>15}")
    for name, rounds in found.items():
        span, watched, request = (median(each[column] for each in rounds) for column in (0, 1, 2))
        print(f"{name:20} {span:12.2f} {watched:12.1f} {request:15.0f}")


if __name__ == "__main__":
    main()
