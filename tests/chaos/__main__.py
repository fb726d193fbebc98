"""`python -m tests.chaos`: injure a running system by a seeded plan, then audit it from outside."""

import argparse
import asyncio
import logging
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from rich.console import Console

from tests.chaos.plan import MINUTE, make_plan
from tests.chaos.showing import WIDTH, show_plan, show_tried
from tests.chaos.trial import RATE, SETTLE_SECONDS, Options, attempt

HIGHEST_SEED = 999_999


def main(arguments: list[str] | None = None) -> int:
    """Print the plan, run it, print what the audit found; 0 when that is nothing."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _end)
    # The Kafka client tells of every broker that is away, and they are away by plan.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    console = Console(highlight=False, width=WIDTH)
    plan = make_plan(options.seed, options.minutes, kafka=options.kafka)
    show_plan(console, options, plan)
    folder = Path(tempfile.mkdtemp(prefix="viva-chaos-"))
    tried = asyncio.run(attempt(options, plan, folder, lambda text: console.print(text, markup=False)))
    show_tried(console, options, plan, tried)
    if tried.whole:
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    console.print(f"The logs are kept in {folder / 'home' / 'logs'}", markup=False)
    return 1


def _options(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long the system is injured")
    parser.add_argument("--seed", type=int, help="what the plan follows from; random without it")
    parser.add_argument("--rate", type=float, default=RATE, help="interviews per second")
    parser.add_argument("--interviews", type=int, help="how many in all, instead of a rate")
    parser.add_argument(
        "--settle", type=float, default=SETTLE_SECONDS, help="seconds to come to rest at most"
    )
    parser.add_argument("--kafka", action="store_true", help="over a cluster of three Kafka brokers")
    chosen = parser.parse_args(arguments)
    seed = random.randint(1, HIGHEST_SEED) if chosen.seed is None else chosen.seed
    by_rate = max(1, round(chosen.rate * chosen.minutes * MINUTE))
    interviews = chosen.interviews or by_rate
    return Options(seed, chosen.minutes, interviews, chosen.settle, chosen.kafka)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
