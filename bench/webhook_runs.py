"""One run of webhooks, in two phases: say scores at a rate, then look for each at the receiver."""

import asyncio
import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench import machine
from bench.deliveries import FAILING, STEADY, Fate, Sent, account, delivered_per_second, fates
from bench.figures import Spread, spread
from bench.place import folder
from bench.publishing import Scored, publisher
from bench.receiver import Receiver, running_receiver
from bench.stack import Stack, running_stack
from bench.subscribers import ORGANIZATIONS, subscribe

OTHERS = (*STEADY, FAILING)
"""The endpoints that never hang."""
RETRY_DELAYS = (1, 2, 4, 8)
QUIET_SECONDS, POLL_SECONDS = 30.0, 0.25
WARM_UP, WARM_UP_RATE = 50, 25.0


@dataclass(frozen=True)
class Side:
    """A ready stack with its receiver, and the answers whose scores are said."""

    stack: Stack
    receiver: Receiver
    scores: Sequence[Scored]


@dataclass(frozen=True)
class Run:
    """What became of every event, facts and webhooks per second, seconds of all, CPU seconds by process."""

    fates: list[Fate]
    published: float
    delivered: float
    wall: float
    cpu: dict[str, float]


@dataclass(frozen=True)
class Summed:
    """Several runs of one kind, over the endpoints that never hang; latencies in seconds.

    `published` and `delivered` are per second, `cores` how many of them each process took.
    """

    facts: int
    lost: int
    duplicates: int
    attempts: int
    published: float
    delivered: float
    latency: Spread
    steady: Spread
    cores: dict[str, float]


@contextmanager
def running_side(*, hanging: bool) -> Iterator[Side]:
    """A fresh stack and receiver for the length of a block, warmed up; the fifth endpoint may hang."""
    environment = {
        "MEDIA_SOURCE": "scripted",
        "ATTESTED_CONSENT_ORGANIZATIONS": ",".join(ORGANIZATIONS),
        "WEBHOOK_RETRY_DELAYS": json.dumps(RETRY_DELAYS),
    }
    with (
        running_receiver(hanging=hanging) as receiver,
        running_stack(folder() / "stack", scripted=True, environment=environment) as stack,
    ):
        side = Side(stack, receiver, subscribe(stack, receiver.base_url))
        asyncio.run(_sent_and_awaited(side, WARM_UP_RATE, WARM_UP, OTHERS))
        yield side


def run_once(side: Side, rate: float, count: int, awaited: Collection[str]) -> Run:
    """Both phases: `count` facts, `rate` per second; the webhooks of the awaited endpoints are waited for.

    What hasn't come when nothing new has come for `QUIET_SECONDS` is lost.
    """
    pids = {**side.stack.pids, "receiver": side.receiver.pid}
    before, started = _cpu(pids), time.monotonic()
    sent = asyncio.run(_sent_and_awaited(side, rate, count, awaited))
    wall, after = time.monotonic() - started, _cpu(pids)
    span = max(one.at for one in sent) - min(one.at for one in sent)
    found = fates(sent, side.receiver.receipts())
    return Run(
        fates=found,
        published=(count - 1) / span,
        delivered=delivered_per_second([fate for fate in found if fate.sent.endpoint in awaited]),
        wall=wall,
        cpu={name: after[name] - before[name] for name in after},
    )


async def _sent_and_awaited(side: Side, rate: float, count: int, awaited: Collection[str]) -> list[Sent]:
    before = _accepted(side.receiver, awaited)
    async with publisher(side.stack) as saying:
        sent = await saying.publish_at(rate, count, side.scores)
    wanted = before + sum(one.endpoint in awaited for one in sent)
    await asyncio.to_thread(_await_accepted, side.receiver, awaited, wanted)
    return sent


def _await_accepted(receiver: Receiver, awaited: Collection[str], wanted: int) -> None:
    accepted, since = _accepted(receiver, awaited), time.monotonic()
    while accepted < wanted and time.monotonic() < since + QUIET_SECONDS:
        time.sleep(POLL_SECONDS)
        now = _accepted(receiver, awaited)
        if now > accepted:
            accepted, since = now, time.monotonic()


def _accepted(receiver: Receiver, awaited: Collection[str]) -> int:
    return sum(number for endpoint, number in receiver.accepted().items() if endpoint in awaited)


def _cpu(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: machine.cpu_seconds(found) for name, found in machine.trees(pids).items()}


def summed(runs: Sequence[Run]) -> Summed:
    """The figures of several runs together; raises ValueError when nothing was delivered."""
    found = [fate for run in runs for fate in run.fates]
    others, wall = account(found, OTHERS), sum(run.wall for run in runs)
    return Summed(
        facts=len(found),
        lost=others.lost,
        duplicates=others.duplicates,
        attempts=others.attempts,
        published=sum(run.published for run in runs) / len(runs),
        delivered=sum(run.delivered for run in runs) / len(runs),
        latency=spread(others.latencies),
        steady=spread(account(found, STEADY).latencies),
        cores={name: sum(run.cpu[name] for run in runs) / wall for name in runs[0].cpu},
    )
