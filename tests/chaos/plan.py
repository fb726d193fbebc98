"""What is done to the system, and when: a list that follows from a seed, so that it can be repeated."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from tests.chaos.faults import FAULTS
from tests.chaos.poison import POISONS, TOPICS
from tests.support.tempers import BAD_TEMPERS, Temper
from vivavoce.cli.stack.names import BROKER_SERVER, DATABASE, KAFKA_BROKERS, SERVICES

MINUTE = 60.0
SUBSCRIBERS = ("first", "second")
SITE = "recordings"
FIRST_SECONDS = 3.0
LAST_FORGETTING = 0.6
"""Share of the time after which the embedded broker's log isn't lost any more: all facts are sent again."""


class Injury(StrEnum):
    """The kinds of what is done."""

    KILL = "SIGKILL"
    TERM = "SIGTERM"
    TERM_TWICE = "SIGTERM twice"
    FREEZE = "SIGSTOP"
    RESTART = "stop and start"
    TEMPER = "bad temper"
    FAULT = "database fault"
    POISON = "poison"


@dataclass(frozen=True)
class Act:
    """One thing that is done: `at` seconds after the start, to a part, healed after `lasts` seconds.

    `how` is a server's temper, the name of a database fault or a kind of poison.
    """

    at: float
    lasts: float
    injury: Injury
    to: str
    how: str = ""

    @property
    def ends(self) -> float:
        """When it is healed, in seconds after the start."""
        return self.at + self.lasts


Wound = tuple[Injury, str, str]
Length = Callable[[Injury], tuple[float, float]]


@dataclass(frozen=True)
class Lane:
    """Acts that never happen at the same time. `pause` and what `lasts` answers are ranges of seconds.

    Wounds by the `first` injury come before the others, so that no trial is too short for them.
    """

    wounds: Sequence[Wound]
    pause: tuple[float, float]
    lasts: Length
    until: float = 1.0
    first: Injury | None = None


def make_plan(seed: int, minutes: float, *, kafka: bool = False) -> tuple[Act, ...]:
    """The acts of a seed, in order of time; everything is healed when the minutes are over."""
    chance = random.Random(seed)
    length = minutes * MINUTE
    acts = [act for lane in _lanes(kafka=kafka) for act in _acts(lane, length, chance)]
    last_wave = [Act(length, 0.0, Injury.POISON, chance.choice(TOPICS[kind]), kind) for kind in POISONS]
    return tuple(sorted((*acts, *last_wave), key=lambda act: (act.at, act.to, act.how)))


def described(act: Act) -> tuple[str, ...]:
    """An act as a row of a table."""
    return f"{act.at:6.1f}", str(act.injury), act.to, act.how, f"{act.lasts:.1f}" if act.lasts else ""


def _lanes(*, kafka: bool) -> Iterator[Lane]:
    signals = (Injury.KILL, Injury.TERM, Injury.TERM_TWICE, Injury.FREEZE)
    yield Lane(_wounds(signals, SERVICES), (4, 10), _service_seconds)
    yield Lane(_wounds((Injury.KILL, Injury.RESTART, Injury.FREEZE), [DATABASE]), (18, 30), _base_seconds)
    if kafka:
        brokers = _wounds((Injury.KILL, Injury.FREEZE), KAFKA_BROKERS)
        yield Lane(brokers, (15, 25), _base_seconds, first=Injury.KILL)
    else:
        broker = _wounds((Injury.KILL, Injury.FREEZE), [BROKER_SERVER])
        yield Lane(broker, (20, 35), _base_seconds, LAST_FORGETTING)
    site = [temper for temper in BAD_TEMPERS if temper is not Temper.THROTTLING]
    yield Lane(_wounds([Injury.TEMPER], [SITE], site), (10, 20), _temper_seconds)
    yield Lane(_wounds([Injury.TEMPER], SUBSCRIBERS, BAD_TEMPERS), (4, 12), _temper_seconds)
    yield Lane(_wounds([Injury.FAULT], [DATABASE], FAULTS), (4, 9), _fault_seconds)
    poisons = [(Injury.POISON, topic, kind) for kind in POISONS for topic in TOPICS[kind]]
    yield Lane(poisons, (3, 7), _no_seconds)


def _wounds(injuries: Sequence[Injury], parts: Sequence[str], hows: Iterable[str] = ("",)) -> list[Wound]:
    return list(product(injuries, parts, hows))


def _service_seconds(injury: Injury) -> tuple[float, float]:
    """A frozen service stands still past the broker's session time-out."""
    return (8, 12) if injury is Injury.FREEZE else (0, 0)


def _base_seconds(injury: Injury) -> tuple[float, float]:
    return {Injury.FREEZE: (3.0, 9.0), Injury.RESTART: (0.5, 4.0)}.get(injury, (0, 0))


def _temper_seconds(_: Injury) -> tuple[float, float]:
    return (4, 12)


def _fault_seconds(_: Injury) -> tuple[float, float]:
    return (0.5, 3)


def _no_seconds(_: Injury) -> tuple[float, float]:
    return (0, 0)


def _acts(lane: Lane, length: float, chance: random.Random) -> Iterator[Act]:
    """Wounds in a shuffled order, all of them before any comes again, for as long as they can heal."""
    at = FIRST_SECONDS + chance.uniform(0, lane.pause[1])
    while True:
        shuffled = chance.sample(lane.wounds, len(lane.wounds))
        for injury, part, how in sorted(shuffled, key=lambda wound: wound[0] is not lane.first):
            act = Act(round(at, 1), round(chance.uniform(*lane.lasts(injury)), 1), injury, part, how)
            if act.ends > length * lane.until:
                return
            yield act
            at = act.ends + chance.uniform(*lane.pause)
