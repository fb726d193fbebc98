"""`python -m bench.webhooks`: scores become webhooks at a fixed rate, and every one is looked for.

What. The scripted stack is up, over its embedded broker and its embedded database in durable mode. Five
organizations have registered one endpoint each, over REST, at a receiver in a process of its own. Phase
one: `score.generated` facts are published straight on the broker (CloudEvents in binary mode, acks=all),
at a fixed rate that waits for nobody, of the organizations in turn: one webhook per fact. They speak of
interviews that the system knows, so that the gateway projects them as it does in earnest. Phase two:
every id is looked for in what the receiver has noted.

Three endpoints answer 204 at once, the fourth answers 500 to every 33rd request (3 %), and the fifth
answers 204 too in one run; in the other it hangs: it answers nothing until the sender gives up. The rest
of both runs is the same, each on a fresh stack, so whatever differs comes from the hanging. A webhook
that failed is tried again after 1 s, give or take a fifth; further delays are in `bench.webhook_runs`.

Numbers. Milliseconds from the event (ce_time, which is the time of its publication) to the moment at
which the receiver first took a request that it answered with 204: p50, p95, p99, over the four endpoints
that don't hang, and for the three steady ones alone. How many were lost (an id that was never accepted;
must be none, and is an error), how many were accepted twice, how many requests were made, how many facts
and webhooks passed per second, and how many cores each process took between the first fact and the last
webhook. The aim is a p95 below 100 ms at 100 per second, and that the hanging endpoint moves the steady
ones' p99 by less than 20 %.

How. `--rate` and `--seconds` bound a run (100 per second for 30 s), `--turns` says how often both runs
are made; figures are over all turns. `--highest` then looks for the highest rate that the machine holds,
by steps of a quarter, up from `--rate` or down from it, all endpoints answering: held means a p95 below
1 s, nothing lost, and no more waiting at the end of sending than halfway through. One stack takes all
the steps, so the later ones meet a fuller database. The result is printed and written to
`bench/webhooks.json` in VIVA_HOME (or `.viva`). The exit code is 1 when something was lost. Measure on a
machine that does nothing else.
"""

import argparse
import sys
from typing import Any

from rich.table import Table

from bench import machine
from bench.deliveries import ENDPOINTS, Fate, account, highest_held, queue_grows
from bench.figures import percentile
from bench.place import prepare, report, say, table
from bench.webhook_runs import OTHERS, Run, Summed, run_once, running_side, summed

MILLISECONDS = 1000.0
AIM_P95_SECONDS, AIM_RATE, AIM_MOVED = 0.1, 100.0, 1.2
HELD_SECONDS, STEP, LEAST_RATE = 1.0, 1.25, 5.0


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; the exit code says whether every webhook came."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks", description=__doc__.split("\n")[0])
    parser.add_argument("--rate", type=float, default=AIM_RATE, help="facts per second")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a run")
    parser.add_argument("--turns", type=int, default=1, help="how often both runs are made")
    parser.add_argument("--highest", action="store_true", help="look for the highest rate that is held")
    chosen = parser.parse_args(arguments)
    prepare()
    computer = machine.described()
    well, beside = _both(chosen.rate, chosen.seconds, chosen.turns)
    highest = _highest(chosen.rate, chosen.seconds) if chosen.highest else None
    moved = beside.steady.p99 / well.steady.p99
    told: dict[str, Any] = {
        "machine": computer,
        "amount": {"rate": chosen.rate, "seconds": chosen.seconds, "turns": chosen.turns},
        "all_answer": well,
        "one_hangs": beside,
        "steady_p99_beside_hanging_over_without": moved,
        "highest_rate": highest,
    }
    report("webhooks", told, _tables(well, beside, chosen.rate))
    if chosen.highest:
        say(f"Highest rate that is held: {f'{highest:.0f} per second' if highest else 'none'}.")
    return 0 if well.lost == beside.lost == 0 else 1


def _both(rate: float, seconds: float, turns: int) -> tuple[Summed, Summed]:
    runs: dict[bool, list[Run]] = {False: [], True: []}
    for number in range(turns):
        for hanging, done in runs.items():
            say(f"Turn {number + 1} of {turns}: the fifth endpoint {'hangs' if hanging else 'answers'} …")
            with running_side(hanging=hanging) as side:
                done.append(run_once(side, rate, round(rate * seconds), OTHERS))
    return summed(runs[False]), summed(runs[True])


def _highest(start: float, seconds: float) -> float | None:
    with running_side(hanging=False) as side:

        def holds(rate: float) -> bool:
            held = _is_held(run_once(side, rate, round(rate * seconds), ENDPOINTS).fates)
            say(f"{rate:.1f} per second: {'held' if held else 'not held'}")
            return held

        return highest_held(holds, start, STEP, LEAST_RATE)


def _is_held(found: list[Fate]) -> bool:
    all_of_them = account(found, ENDPOINTS)
    in_time = all_of_them.lost == 0 and percentile(all_of_them.latencies, 0.95) < HELD_SECONDS
    return in_time and not queue_grows(found)


def _tables(well: Summed, beside: Summed, rate: float) -> list[Table]:
    columns = ("", "all answer", "one hangs", "aim")
    heading = f"{rate:.0f} facts per second, {well.facts} in all, {machine.cores()} cores"
    cores = [
        (name, *(f"{side.cores[name]:.2f}" for side in (well, beside)))
        for name in sorted(well.cores, key=lambda name: -well.cores[name])
    ]
    return [
        table(heading, columns, _results(well, beside)),
        table("Cores taken, from the first fact to the last webhook", columns[:3], cores),
    ]


def _results(well: Summed, beside: Summed) -> list[tuple[str, ...]]:
    both = (well, beside)
    latencies = [
        (
            f"{over}, ms, {figure}",
            *(f"{getattr(getattr(side, name), figure) * MILLISECONDS:.1f}" for side in both),
        )
        for name, over in (("latency", "all that don't hang"), ("steady", "steady ones"))
        for figure in ("p50", "p95", "p99")
    ]
    aims = {
        "all that don't hang, ms, p95": f"< {AIM_P95_SECONDS * MILLISECONDS:.0f} at {AIM_RATE:.0f}/s",
        "lost": "0",
    }
    counts = [
        (name, *(str(getattr(side, name)) for side in both)) for name in ("lost", "duplicates", "attempts")
    ]
    rates = [
        ("facts published per second", *(f"{side.published:.1f}" for side in both)),
        ("webhooks delivered per second", *(f"{side.delivered:.1f}" for side in both)),
    ]
    moved = beside.steady.p99 / well.steady.p99
    return [
        *((*row, aims.get(row[0], "")) for row in (*rates, *latencies, *counts)),
        ("steady ones' p99 / without hanging", "1.00", f"{moved:.2f}", f"< {AIM_MOVED:.2f}"),
    ]


if __name__ == "__main__":
    sys.exit(main())
