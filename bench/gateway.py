"""`python -m bench.gateway`: the gateway against bare servers that do the same work, and what it costs.

What. Three pairs, each measured in turns in one run, over one embedded database in its durable mode:

    read        GET of a finished result            against FastAPI and pymongo: the token verified, one
                                                    document found, its ready body returned
    submission  POST of an interview of one answer  against the same checks of the body and a transaction
                                                    that stores it
    list        a GraphQL query for 50 interviews   against Strawberry over the same documents, read by two
                with two answers each               finds

Then the gateway alone: its memory before and after many reads, and with many idle event streams open.

Numbers. Requests per second of so many callers at once, the median of the rounds; the gateway's over its
rival's; the p50 and p95 of a request; CPU milliseconds that the server itself took per request.

How. `--seconds` is a round's length, `--rounds` how many of them each side has, `--callers` how many ask at
once; `--requests` and `--streams` bound the endurance, 0 leaves it out. The result is printed and written
to `bench/gateway.json` in VIVA_HOME (or `.viva`). Measure on a machine that does nothing else.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import machine
from bench.figures import Spread, spread
from bench.gateway_contents import Contents, fill
from bench.gateway_endurance import Endured, endure
from bench.gateway_pairs import PAIRS, Pair
from bench.gateway_processes import Server, Servers, both
from bench.http_load import Answered, WrongAnswer, answer, ask
from bench.infrastructure import infrastructure
from bench.place import folder, prepare, report, say, table
from vivavoce.cli.home import Home

INTERVIEWS = 60
MILLISECONDS = 1000.0
MEBIBYTE = 2**20
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Amount:
    """How much is measured of each pair."""

    seconds: float
    rounds: int
    callers: int


@dataclass(frozen=True)
class Side:
    """One side of a pair: requests per second in each round, their times, CPU seconds per request."""

    rounds: list[float]
    times: Spread
    cpu: float

    @property
    def per_second(self) -> float:
        """Requests per second in the median round."""
        return median(self.rounds)


@dataclass(frozen=True)
class Measured:
    """A pair and what both sides showed."""

    name: str
    bare: Side
    gateway: Side

    @property
    def ratio(self) -> float:
        """The gateway's requests per second over its rival's."""
        return self.gateway.per_second / self.bare.per_second


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each side")
    parser.add_argument("--callers", type=int, default=16, help="callers at once")
    parser.add_argument("--requests", type=int, default=100_000, help="requests before memory is looked at")
    parser.add_argument("--streams", type=int, default=1_000, help="idle event streams")
    chosen = parser.parse_args(arguments)
    prepare()
    computer = machine.described()
    root = folder() / "gateway"
    with infrastructure(root) as shared, both(Home(root), shared, {}) as servers:
        contents = asyncio.run(fill(shared.mongodb, INTERVIEWS))
        amount = Amount(chosen.seconds, chosen.rounds, chosen.callers)
        pairs = [asyncio.run(_measured(pair, servers, contents, amount)) for pair in PAIRS]
        endured = asyncio.run(endure(servers, contents, chosen.requests, chosen.streams, chosen.callers))
    told: dict[str, Any] = {
        "machine": computer,
        "amount": amount,
        "ratios": {each.name: each.ratio for each in pairs},
        "pairs": pairs,
        "endured": endured,
    }
    report("gateway", told, [_table(pairs, amount), _endurance(endured)])
    return 0


async def _measured(pair: Pair, servers: Servers, contents: Contents, amount: Amount) -> Measured:
    say(f"Measuring: {pair.name} …")
    sides = {
        server.name: (server, pair.calls(server, contents)) for server in (servers.bare, servers.gateway)
    }
    found: dict[str, list[Answered]] = {name: [] for name in sides}
    cpu = dict.fromkeys(sides, 0.0)
    if pair.alike:
        bare, gateway = [await answer(call_of(0), servers.headers) for _, call_of in sides.values()]
        if not bare or bare.get("data", bare) != gateway.get("data", gateway):
            raise WrongAnswer(f"{pair.name}: the bare server says {bare}, the gateway {gateway}")
    asked = 0
    for turn in range(amount.rounds + 1):
        for name, (server, call_of) in sides.items():
            seconds = amount.seconds if turn else WARM_UP_SECONDS
            before = _cpu(server)
            answered = await ask(
                call_of, servers.headers, callers=amount.callers, first=asked, seconds=seconds
            )
            asked += len(answered.times) + amount.callers
            if turn:
                found[name].append(answered)
                cpu[name] += _cpu(server) - before
    return Measured(pair.name, *(_side(found[name], cpu[name]) for name in ("bare", "gateway")))


def _side(answered: Sequence[Answered], cpu: float) -> Side:
    times = [each for one in answered for each in one.times]
    return Side([one.per_second for one in answered], spread(times), cpu / len(times))


def _cpu(server: Server) -> float:
    return machine.cpu_seconds([server.pid])


def _table(pairs: Sequence[Measured], amount: Amount) -> Any:
    rows = []
    for pair in pairs:
        for name, side in (("bare", pair.bare), ("gateway", pair.gateway)):
            rows.append(
                (
                    f"{pair.name}, {name}",
                    f"{side.per_second:.0f}",
                    f"{side.times.p50 * MILLISECONDS:.1f}",
                    f"{side.times.p95 * MILLISECONDS:.1f}",
                    f"{side.cpu * MILLISECONDS:.2f}",
                    f"{pair.ratio:.2f}" if name == "gateway" else "",
                )
            )
    heading = f"{amount.rounds} rounds of {amount.seconds:g} s, {amount.callers} callers"
    return table(heading, ("", "per s", "p50 ms", "p95 ms", "CPU ms", "ratio"), rows)


def _endurance(endured: Endured) -> Any:
    rows = [
        ("memory at the start, MiB", f"{endured.memory_before / MEBIBYTE:.1f}"),
        (f"after {endured.requests} reads", f"{endured.memory_after / MEBIBYTE:.1f}"),
        (f"with {endured.streams} idle event streams", f"{endured.memory_streaming / MEBIBYTE:.1f}"),
        ("once they are closed", f"{endured.memory_closed / MEBIBYTE:.1f}"),
        ("cores taken while nothing happens", f"{endured.cores_alone:.2f}"),
        ("cores taken by idle streams too", f"{endured.cores_streaming:.2f}"),
        ("p95 of a read beside them, ms", f"{endured.read_beside.p95 * MILLISECONDS:.1f}"),
    ]
    return table("The gateway alone", ("", "figure"), rows)


if __name__ == "__main__":
    sys.exit(main())
