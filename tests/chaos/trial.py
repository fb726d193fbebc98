"""One trial: a stack, its callers and subscribers, the injuries of a plan, and the audit afterwards."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.chaos.audit import Finding, audit
from tests.chaos.eyes import Ear
from tests.chaos.injuring import Injurer
from tests.chaos.load import GOOD_FILES, REAL_FILE, SAID, Load
from tests.chaos.observed import Observed
from tests.chaos.plan import MINUTE, SITE, SUBSCRIBERS, Act
from tests.chaos.poison import Poisoner
from tests.chaos.settling import Settling
from tests.support.apache_kafka import link_jars
from tests.support.live import LiveStack
from tests.support.made_recordings import make_recording
from tests.support.recordings_site import RecordingsSite
from tests.support.subscriber import Subscriber, subscribed
from tests.support.talking import write_saying
from vivavoce.cli.home import Home
from vivavoce.cli.stack.status import running_plan

STEADY = "steady"
RATE = 1.7
"""Interviews per second."""
SETTLE_SECONDS = 900.0
FIRST_LENGTH, LENGTH_STEP = 9.0, 2.0
LAST_SECONDS = 90.0
ENVIRONMENT = {
    "MEDIA_ANALYZER": "sparing",
    "SPARING_SECONDS": str(FIRST_LENGTH - 0.5),
    "EVALUATION_JUDGE": "scripted",
    "VIVA_DATABASE_TEST_COMMANDS": "1",
    "FETCH_CONNECT_TIMEOUT": "2",
    "FETCH_IDLE_TIMEOUT": "3",
    "FETCH_TOTAL_TIMEOUT": "20",
    "FETCH_TRIES": "60",
    "FETCH_FIRST_DELAY": "0.5",
    "FETCH_LONGEST_DELAY": "3",
    "FETCH_RESUME_DELAY": "0.2",
    "FETCH_CONCURRENCY": "8",
    "FETCH_CONCURRENCY_PER_ORGANIZATION": "8",
    "SWEEP_EVERY_SECONDS": "3",
    "SWEEP_FIRST_SECONDS": "90",
    "SWEEP_GROWTH": "1.5",
    "SWEEP_LIMIT": "10",
    "WEBHOOK_RETRY_DELAYS": "[1,1,2,2,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5]",
    "WEBHOOK_TIMEOUT": "4",
    "WEBHOOK_LEASE": "10",
    "WEBHOOK_PAUSE": "2",
    "WEBHOOK_LONGEST_PAUSE": "5",
    "WEBHOOK_THROTTLE": "2",
}
"""Little to compute, and short waits: what was lost is asked for again while somebody still looks."""


@dataclass(frozen=True)
class Options:
    """How hard a trial is: a seed's plan over so many minutes, with so many interviews meanwhile.

    `settle` is how many seconds everything may take to come to rest.
    """

    seed: int
    minutes: float = 2.0
    interviews: int = round(2.0 * MINUTE * RATE)
    settle: float = SETTLE_SECONDS
    kafka: bool = False


@dataclass(frozen=True)
class Tried:
    """What came of a trial."""

    seen: Observed
    findings: tuple[Finding, ...]
    figures: dict[str, str]

    @property
    def whole(self) -> bool:
        """Whether nothing was found damaged."""
        return not any(finding.damage for finding in self.findings)


Say = Callable[[str], None]


async def attempt(options: Options, plan: tuple[Act, ...], folder: Path, say: Say) -> Tried:
    """Run a plan's trial on a fresh stack in a folder."""
    with recordings(folder / "recordings") as site:
        async with started(folder / "home", options) as stack, AsyncExitStack() as open_ears:
            subscribers = {
                name: await open_ears.enter_async_context(subscribed(stack))
                for name in (STEADY, *SUBSCRIBERS)
            }
            async with listening(subscribers) as ears:
                return await _tried(options, plan, _Cast(stack, site, subscribers, ears), say)


@dataclass(frozen=True)
class _Cast:
    stack: LiveStack
    site: RecordingsSite
    subscribers: dict[str, Subscriber]
    ears: tuple[Ear, ...]


async def _tried(options: Options, plan: tuple[Act, ...], cast: _Cast, say: Say) -> Tried:
    address = running_plan(Home(cast.stack.home))
    moods = {name: one.receiver.mood for name, one in cast.subscribers.items()} | {SITE: cast.site.mood}
    injurer = Injurer(cast.stack, address.mongodb or "", moods, Poisoner(address.kafka))
    load = Load(cast.stack.base_url, cast.site, options.seed)
    begun = monotonic()
    say(f"Injuring for {options.minutes:g} minutes under {options.interviews} interviews …")
    await _under_load(options, plan, injurer, load)
    injured = monotonic()
    settling = Settling(
        cast.stack,
        cast.ears,
        [caller.as_submission() for caller in load.callers],
        injurer.poisoner.put_in,
        injurer.forgot_at,
        say,
    )
    seen = await settling.settle(options.settle)
    settled = monotonic()
    seen = dataclasses.replace(seen, afterwards=await _afterwards(cast.stack, load))
    await load.aclose()
    figures = {
        "interviews": str(len(load.callers)),
        "answers": str(sum(len(caller.good) for caller in load.callers)),
        "recordings analysed for real": str(sum(len(caller.said) for caller in load.callers)),
        "calls that nobody answered": str(load.unanswered),
        "events told, and told again": _told_again(seen),
        "poisonous messages put in, refused": f"{len(injurer.poisoner.put_in)}, {injurer.poisoner.refused}",
        "brokers killed and back": ", ".join(injurer.back) or "none",
        "acts that could not be done": "; ".join(injurer.failed) or "none",
        "seconds injured, settling": f"{injured - begun:.0f}, {settled - injured:.0f}",
    }
    return Tried(seen, audit(seen), figures)


def _told_again(seen: Observed) -> str:
    told = [len(listener.accepted) for listener in seen.listeners]
    once = [len({one.event_id for one in listener.accepted}) for listener in seen.listeners]
    return f"{sum(told)}, {sum(told) - sum(once)}"


async def _under_load(options: Options, plan: tuple[Act, ...], injurer: Injurer, load: Load) -> None:
    async with asyncio.TaskGroup() as together:
        together.create_task(injurer.run(plan))
        together.create_task(_call(options, load))


async def _call(options: Options, load: Load) -> None:
    """Hand all interviews in; what has not been taken on when the time to settle is over never will be."""
    seconds = options.minutes * MINUTE
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds + options.settle):
            await load.run(options.interviews, seconds)


async def _afterwards(stack: LiveStack, load: Load) -> str:
    try:
        async with asyncio.timeout(LAST_SECONDS):
            answered = (await load.one_more()).answers[-1]
            return str((await stack.ended(answered.interview_id, within=LAST_SECONDS))["status"])
    except TimeoutError:
        return "still processing"


@contextmanager
def recordings(folder: Path) -> Iterator[RecordingsSite]:
    """A site with a few short recordings, in one of which somebody speaks, and a page that is none."""
    folder.mkdir(parents=True)
    for number, name in enumerate(GOOD_FILES):
        make_recording(folder / name, seconds=FIRST_LENGTH + number * LENGTH_STEP)
    write_saying(folder / REAL_FILE, SAID)
    (folder / "page.mp4").write_text("<html>This is not a recording.</html>")
    with RecordingsSite(folder, b"").running() as site:
        yield site


@asynccontextmanager
async def started(home: Path, options: Options) -> AsyncIterator[LiveStack]:
    """A stack that computes little, for the length of a block."""
    if options.kafka:
        link_jars(Home(home))
    stack = LiveStack(home, ENVIRONMENT)
    try:
        await asyncio.to_thread(stack.up, *(["--kafka"] if options.kafka else []))
        yield stack
    finally:
        await stack.down()


@asynccontextmanager
async def listening(subscribers: dict[str, Subscriber]) -> AsyncIterator[tuple[Ear, ...]]:
    """An ear at each subscriber for the length of a block."""
    ears = tuple(Ear(name, subscriber) for name, subscriber in subscribers.items())
    tasks = [asyncio.create_task(ear.run_forever()) for ear in ears]
    try:
        yield ears
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
