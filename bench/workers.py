"""Further workers of a service beside the stack's own: processes that differ in name and port alone."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bench.infrastructure import started
from bench.stack import Stack
from tests.support.embedded_mongo import free_port
from vivavoce.cli.stack.parts import Plan, Process
from vivavoce.cli.stack.ports import LOOPBACK
from vivavoce.cli.stack.status import ready_names

READY_SECONDS, POLL_SECONDS, CALL_SECONDS = 120.0, 0.1, 10.0
HANDLED = "viva_consumed_total"


class Uneven(Exception):
    """The workers didn't get equal shares, so their figures say nothing about scale."""


@dataclass(frozen=True)
class Worker:
    """A running worker of a service, and where it is asked."""

    name: str
    port: int

    def handled(self, topic: str) -> int:
        """How many messages of a topic it has handled since it started."""
        response = httpx.get(f"http://{LOOPBACK}:{self.port}/metrics", timeout=CALL_SECONDS, trust_env=False)
        response.raise_for_status()
        return handled_in(response.text, topic)


def handled_in(metrics: str, topic: str) -> int:
    """How many messages of a topic were handled, by the text of a process's metrics."""
    return sum(
        int(sample.value)
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == HANDLED and sample.labels["topic"] == topic
    )


def own_worker(stack: Stack, service: str) -> Worker:
    """The worker that the stack has started itself."""
    process = _planned(stack, service)
    if process.port is None:
        raise RuntimeError(f"the stack's {service} has no port to be asked at")
    return Worker(service, process.port)


@contextmanager
def further_worker(stack: Stack, service: str, number: int) -> Iterator[Worker]:
    """Another worker for the length of a block, once it is ready; it ends with this process too."""
    process, port, name = _planned(stack, service), free_port(), f"{service}-{number}"
    environment = {
        **stack.environment,
        **process.environment,
        "INSTANCE_NAME": str(number),
        "HTTP_PORT": str(port),
    }
    with started(stack.home, name, process.command, environment):
        url = f"http://{LOOPBACK}:{port}/ready"
        _await_ready(stack, process.model_copy(update={"name": name, "port": port, "ready_url": url}))
        yield Worker(name, port)


def _planned(stack: Stack, service: str) -> Process:
    plan = Plan.model_validate_json(stack.home.plan.read_text())
    return next(process for process in plan.processes if process.name == service)


def _await_ready(stack: Stack, process: Process) -> None:
    until = time.monotonic() + READY_SECONDS
    while not ready_names(stack.home, [process]):
        if time.monotonic() > until:
            log = stack.home.log_of(process.name)
            raise RuntimeError(f"{process.name} isn't ready after {READY_SECONDS:.0f} s; see {log}")
        time.sleep(POLL_SECONDS)


def check_even(shares: Sequence[int], each: int) -> None:
    """Raise Uneven unless every worker has handled as much as it should have."""
    if any(done != each for done in shares):
        raise Uneven(f"the workers handled {list(shares)} messages, not {each} each")
