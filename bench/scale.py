"""`python -m bench.scale`: how much more several workers of a stage do than one.

What. Interviews of one answer run through the scripted stack, over its embedded broker and database,
from submission to stored end. The media stage, real worker processes, sleeps instead of computing
(`SCRIPTED_ANALYSIS_SECONDS`), one answer at a time, as long as computing would make the machine's cores
the limit; all else is as always: fetching, inboxes, outboxes, the other services. First the stack's own
media worker alone, then with one, two and three more beside it in the same consumer group.

The embedded broker gives a topic no more than 4 partitions, and a partition has one worker at a time, so
4 workers are the most. Round robin gives the first partitions of as many to different workers; so the
answers are chosen by their ids to lie evenly on the first n partitions for n workers. What each worker
has handled is then counted in its metrics: an uneven share is an error.

Numbers. Answers per second, from the first submission to the last end, with 1 to 4 workers; as a
multiple of one worker's, and as a share of linear. The aim is 95 % of linear. Since every worker is given
the same number of answers, linear means that every run takes the same time.

How. `--sleep` sets how long an analysis sleeps, in seconds, `--each` how many answers a worker gets,
`--workers` how far it goes. The result is printed and written to `bench/scale.json` in VIVA_HOME (or
`.viva`). Measure on a machine that does nothing else.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from aiokafka.partitioner import DefaultPartitioner

from bench import machine
from bench.infrastructure import Broker, Infrastructure
from bench.load import drive
from bench.place import folder, prepare, report, say, table
from bench.rivals import PARTITIONS, system
from bench.stack import Stack, running_stack
from bench.workers import Worker, check_even, further_worker, own_worker
from vivavoce.cli.stack.environment import LOCAL_ORGANIZATION
from vivavoce.contracts import RecordingIngested, ids

STAGE = "media"
FIRST_QUESTION = "q1"
WARM_UP_EACH = 2
AIM = 0.95


@dataclass(frozen=True)
class Scaled:
    """What so many workers did: answers per second, its multiple of one worker's, its share of linear."""

    workers: int
    answers: int
    per_second: float
    multiple: float
    share_of_linear: float


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__.split("\n")[0])
    parser.add_argument("--sleep", type=float, default=1.0, help="seconds that an analysis sleeps")
    parser.add_argument("--each", type=int, default=30, help="answers for each worker")
    parser.add_argument("--workers", type=int, default=PARTITIONS, choices=range(1, PARTITIONS + 1))
    chosen = parser.parse_args(arguments)
    prepare()
    computer = machine.described()
    environment = {"MEDIA_SOURCE": "scripted", "SCRIPTED_ANALYSIS_SECONDS": str(chosen.sleep)}
    with running_stack(folder() / "stack", scripted=True, environment=environment) as stack:
        rates = list(_rates(stack, chosen.workers, chosen.each))
    found = scaled(rates, chosen.each)
    told: dict[str, Any] = {
        "machine": computer,
        "sleep_seconds": chosen.sleep,
        "answers_for_each_worker": chosen.each,
        "partitions": PARTITIONS,
        "aim": AIM,
        "scaled": found,
    }
    heading = (
        f"{chosen.each} answers for each worker, {chosen.sleep} s of sleep each, {machine.cores()} cores"
    )
    columns = ("media workers", "answers per second", "multiple of one's", "share of linear", "aim")
    report("scale", told, [table(heading, columns, [_row(one) for one in found])])
    return 0


def _rates(stack: Stack, most: int, each: int) -> Iterator[float]:
    """Answers per second with one worker, with two, and so on; they are added one by one."""
    with ExitStack() as running:
        workers = [own_worker(stack, STAGE)]
        for count in range(1, most + 1):
            if count > 1:
                workers.append(running.enter_context(further_worker(stack, STAGE, count)))
            say(f"{count} workers …" if count > 1 else "One worker …")
            asyncio.run(_rate(stack, workers, WARM_UP_EACH))
            yield asyncio.run(_rate(stack, workers, each))


async def _rate(stack: Stack, workers: Sequence[Worker], each: int) -> float:
    """Answers per second when every worker gets so many, all submitted at once."""
    requests, count = list(evenly_spread(each, len(workers))), each * len(workers)
    before = [worker.handled(RecordingIngested.type) for worker in workers]
    shared = Infrastructure(Broker(stack.kafka, {}), stack.mongodb, {})
    async with system(shared, stack, requests.__getitem__) as running:
        load = await drive(running.submit, running.ends, count, count)
    after = [worker.handled(RecordingIngested.type) for worker in workers]
    check_even([now - then for now, then in zip(after, before, strict=True)], each)
    return load.per_second


def evenly_spread(each: int, partitions: int) -> Iterator[str]:
    """Ids of requests whose only answers lie on the first partitions by turns, `each` on every one."""
    for partition, _ in zip(cycle(range(partitions)), range(each * partitions), strict=False):
        yield next(request for request in iter(ids.new_id, None) if partition_of(request) == partition)


def partition_of(request_id: str) -> int:
    """The partition on which the first answer of a request lies."""
    answer = ids.answer_id(LOCAL_ORGANIZATION, request_id, FIRST_QUESTION)
    return int(DefaultPartitioner()(answer.encode(), list(range(PARTITIONS)), []))


def scaled(rates: Sequence[float], each: int) -> list[Scaled]:
    """The rates of 1, 2, … workers against the first."""
    return [
        Scaled(count, each * count, rate, rate / rates[0], rate / rates[0] / count)
        for count, rate in enumerate(rates, start=1)
    ]


def _row(one: Scaled) -> tuple[str, ...]:
    aim = f"{AIM:.0%}" if one.workers > 1 else ""
    return (
        str(one.workers),
        f"{one.per_second:.2f}",
        f"{one.multiple:.2f}",
        f"{one.share_of_linear:.0%}",
        aim,
    )


if __name__ == "__main__":
    sys.exit(main())
