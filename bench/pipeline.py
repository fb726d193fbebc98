"""`python -m bench.pipeline`: interviews through the pipeline, against a bare chain that commits as much.

What. Interviews of one answer run from submission to stored end, a bounded number at once, each client
submitting its next one when its last has ended; network, models and judge are scripted, so that only
the pipeline is measured. First a chain written with aiokafka and pymongo alone (see `bench.chain`), then
the system (`viva up --detach --scripted`), both over one broker and one embedded database in its durable
mode, which reaches the disk at every commit. The broker is the embedded one or, with `--kafka`, a
cluster of three brokers of Apache Kafka, at which both have idempotent producers; acks=all in any case.

One interview of one answer takes this (commits are MongoDB transactions; the chain follows the table):

    service     group       takes                 commits  says
    gateway     (HTTP)      the submission              1  interview.submitted, recording.requested
    media       ingest      recording.requested         1
    media       fetchers    the stored job              2  recording.ingested (lease; settlement)
    media       analysis    recording.ingested          1  media.features
    proctoring  watching    interview.submitted         1
    proctoring  watching    media.features              1  proctoring.features, integrity.reported
    evaluation  judging     interview.submitted         1
    evaluation  judging     media.features              1  score.generated
    evaluation  settling    proctoring.features         1
    evaluation  settling    integrity.reported          1  interview.completed (after both)
    gateway     gateway     5 facts, one commit each    5
    notifier    deliveries  2 facts, one commit each    2

That is 18 transactions, 8 facts on 8 topics and 15 messages taken. The longest path has 5 hops over the
broker (recording.requested, recording.ingested, media.features, integrity.reported, interview.completed)
and 8 transactions one after another. The system lets messages that come together share a commit, so under
load it makes fewer. Besides, every batch of facts is marked as sent by one command once published, outside
of transactions. How many facts were said and taken is counted in the databases afterwards; a count other
than the table's is an error.

Numbers. Interviews per second and the time from the request to the stored end (p50, p95, p99), under
load and one at a time; the system's over the chain's; CPU milliseconds per interview of every process;
and, from outboxes and inboxes, when each fact was said and taken. What is the database's own: its share
of all CPU seconds and how many cores it took, measured from outside and so the same way for both (this
program's own CPU, which holds the chain's door and the system's clients, is in neither). In the chain
besides, how long the commands of the longest path's steps were waited for, per interview, and what share
that is of the time from submission to end; the driver measures it, and writes that nobody waits for
don't count.

How. `--kafka` chooses the broker; `make kafka` fetches it. `--interviews` and `--concurrency` bound the
load, `--alone` how many run one at a time. The result is printed and written to `bench/pipeline.json` in
VIVA_HOME (or `.viva`), with `--kafka` to `bench/pipeline-kafka.json`. Measure on a machine that does
nothing else.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from rich.table import Table

from bench import machine
from bench.chain import LONGEST_PATH, STEPS, TOPICS, commits_per_interview
from bench.figures import Spread, percentile, share, spread
from bench.infrastructure import Infrastructure, apache_kafka, embedded, infrastructure
from bench.load import Load, drive
from bench.place import folder, prepare, report, say, table
from bench.rivals import Rival, bare_chain, system
from bench.stack import running_stack
from bench.timeline import Timeline
from vivavoce.cli.stack.names import DATABASE

WARM_UP = 24
SETTLE_SECONDS = 30.0
SETTLE_POLL_SECONDS = 0.5
MILLISECONDS = 1000.0


@dataclass(frozen=True)
class Amount:
    """How much is measured: interviews under load, how many of them at once, and interviews one by one."""

    interviews: int
    concurrency: int
    alone: int


@dataclass(frozen=True)
class Phase:
    """What one load showed. Times are seconds; `cpu` is CPU seconds per interview by process.

    Of the database: its share of all CPU seconds, the cores that it took, and for how long and what share
    of the time to the end the longest path waited for it, where that is known.
    """

    interviews: int
    per_second: float
    accepted: Spread
    completed: Spread
    cpu: dict[str, float]
    timeline: dict[str, float]
    database_share: float
    database_cores: float
    waited: float | None
    waited_share: float | None


@dataclass(frozen=True)
class Measured:
    """One rival under load, and with one interview at a time."""

    loaded: Phase
    alone: Phase


class Miscounted(Exception):
    """The pipeline said or took other than the table claims."""


def main(arguments: list[str] | None = None) -> int:
    """Measure both rivals, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.pipeline", description=__doc__.split("\n")[0])
    parser.add_argument("--interviews", type=int, default=300, help="interviews under load")
    parser.add_argument("--concurrency", type=int, default=16, help="interviews at once under load")
    parser.add_argument("--kafka", action="store_true", help="over three brokers of Apache Kafka")
    parser.add_argument("--alone", type=int, default=30, help="interviews one at a time")
    chosen = parser.parse_args(arguments)
    prepare()
    amount = Amount(chosen.interviews, chosen.concurrency, chosen.alone)
    computer = machine.described()
    broker_of = apache_kafka if chosen.kafka else embedded
    with infrastructure(folder() / "infrastructure", broker_of) as shared:
        say("Measuring the bare chain …")
        bare = asyncio.run(_measured(bare_chain(shared), shared, amount))
        say("Starting the system …")
        environment = {
            **shared.broker.told,
            "KAFKA_BOOTSTRAP_SERVERS": shared.broker.address,
            "MONGODB_URI": shared.mongodb,
            "MEDIA_SOURCE": "scripted",
        }
        with running_stack(folder() / "stack", scripted=True, environment=environment) as stack:
            say("Measuring the system …")
            whole = asyncio.run(_measured(system(shared, stack), shared, amount))
    told: dict[str, Any] = {
        "machine": computer,
        "amount": amount,
        "transactions_per_interview": commits_per_interview(),
        "throughput_of_chain": whole.loaded.per_second / bare.loaded.per_second,
        "latency_over_chain": _ratios(whole.loaded.completed, bare.loaded.completed),
        "latency_over_chain_alone": _ratios(whole.alone.completed, bare.alone.completed),
        "bare": bare,
        "system": whole,
    }
    report("pipeline-kafka" if chosen.kafka else "pipeline", told, _tables(bare, whole, amount))
    return 0


async def _measured(
    rival: AbstractAsyncContextManager[Rival], shared: Infrastructure, amount: Amount
) -> Measured:
    async with rival as running:
        await drive(running.submit, running.ends, WARM_UP, amount.concurrency)
        alone = await _phase(running, shared, amount.alone, 1)
        loaded = await _phase(running, shared, amount.interviews, amount.concurrency)
    return Measured(loaded, alone)


async def _phase(rival: Rival, shared: Infrastructure, interviews: int, concurrency: int) -> Phase:
    before, waits_before = _cpu(rival.pids), _path_waits(rival)
    load = await drive(rival.submit, rival.ends, interviews, concurrency)
    after, waits_after = _cpu(rival.pids), _path_waits(rival)
    cpu = {name: (after[name] - before[name]) / interviews for name in after}
    waited = (waits_after - waits_before) / interviews or None
    timeline = await _settled(rival, shared, load)
    since = timeline.since_submission(load.begun, load.ended)
    medians = sorted((percentile(times, 0.5), name) for name, times in since.items())
    return Phase(
        interviews=interviews,
        per_second=load.per_second,
        accepted=spread(load.accepted),
        completed=spread(load.completed),
        cpu=cpu,
        timeline={name: time for time, name in medians},
        database_share=share(cpu[DATABASE], sum(cpu.values())),
        database_cores=cpu[DATABASE] * load.per_second,
        waited=waited,
        waited_share=waited and waited / fmean(load.completed),
    )


def _path_waits(rival: Rival) -> float:
    waits = rival.waits()
    return sum(waits.get(step, 0.0) for step in LONGEST_PATH)


async def _settled(rival: Rival, shared: Infrastructure, load: Load) -> Timeline:
    """The traces of a load, once what follows the ends of interviews has been taken too."""
    facts = len(TOPICS) * load.interviews
    taken = len(STEPS) * load.interviews
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        timeline = await asyncio.to_thread(Timeline, shared.mongodb, rival.databases, rival.interview_of)
        counted = timeline.counted(load.begun, load.ended)
        if counted == (facts, taken):
            return timeline
        if time.monotonic() > until:
            raise Miscounted(f"{rival.name}: {counted} facts said and taken, not {(facts, taken)}")
        await asyncio.sleep(SETTLE_POLL_SECONDS)


def _cpu(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: machine.cpu_seconds(found) for name, found in machine.trees(pids).items()}


def _ratios(ours: Spread, theirs: Spread) -> dict[str, float]:
    return {"p50": ours.p50 / theirs.p50, "p95": ours.p95 / theirs.p95, "p99": ours.p99 / theirs.p99}


def _tables(bare: Measured, whole: Measured, amount: Amount) -> list[Table]:
    loaded, alone = (bare.loaded, whole.loaded), (bare.alone, whole.alone)
    columns = ("", "bare chain", "system", "system / chain")
    heading = f"{amount.interviews} interviews, {amount.concurrency} at once, {machine.cores()} cores"
    return [
        table(heading, columns, _results(*loaded)),
        table(f"{amount.alone} interviews, one at a time", columns, _results(*alone)),
        table("The database's own, under load", columns[:3], _databases(*loaded)),
        table("The database's own, one at a time", columns[:3], _databases(*alone)),
        table("CPU under load, ms per interview", columns[:3], _side_by_side(loaded[0].cpu, loaded[1].cpu)),
        table(
            "One at a time: median ms after the submission's commit began",
            columns[:3],
            _side_by_side(alone[0].timeline, alone[1].timeline),
        ),
        table("Under load: the same", columns[:3], _side_by_side(loaded[0].timeline, loaded[1].timeline)),
    ]


def _results(bare: Phase, whole: Phase) -> list[tuple[str, ...]]:
    rows = [("interviews per second", bare.per_second, whole.per_second, 1.0)]
    for name in ("accepted", "completed"):
        ours, theirs = getattr(whole, name), getattr(bare, name)
        for figure in ("p50", "p95", "p99"):
            label = f"{name} within, ms, {figure}"
            rows.append((label, getattr(theirs, figure), getattr(ours, figure), MILLISECONDS))
    return [
        (label, f"{theirs * unit:.1f}", f"{ours * unit:.1f}", f"{ours / theirs:.2f}")
        for label, theirs, ours, unit in rows
    ]


def _databases(bare: Phase, whole: Phase) -> list[tuple[str, ...]]:
    rows: list[tuple[str, str, float]] = [
        ("share of all CPU seconds, %", "database_share", 100.0),
        ("cores taken", "database_cores", 1.0),
        ("waited for on the longest path, ms per interview", "waited", MILLISECONDS),
        ("share of the time to the end, %", "waited_share", 100.0),
    ]
    return [
        (label, *(_figure(getattr(side, name), unit) for side in (bare, whole))) for label, name, unit in rows
    ]


def _figure(value: float | None, unit: float) -> str:
    return "not known" if value is None else f"{value * unit:.1f}"


def _side_by_side(bare: Mapping[str, float], whole: Mapping[str, float]) -> list[tuple[str, ...]]:
    return [
        (name, *(f"{side[name] * MILLISECONDS:.1f}" if name in side else "–" for side in (bare, whole)))
        for name in [*whole, *(name for name in bare if name not in whole)]
    ]


if __name__ == "__main__":
    sys.exit(main())
