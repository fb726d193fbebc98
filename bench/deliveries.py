"""What became of webhooks: every event that was sent, held against everything that a receiver noted."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

STEADY = ("steady-1", "steady-2", "steady-3")
FAILING = "failing"
HANGING = "doubtful"
ENDPOINTS = (*STEADY, FAILING, HANGING)
GROWING_SHARE = 0.05


@dataclass(frozen=True)
class Sent:
    """An event as it was published for an endpoint; `at` is its time in seconds since 1970."""

    endpoint: str
    event_id: str
    at: float


@dataclass(frozen=True)
class Receipt:
    """One request as it came to an endpoint at a time; no status means that it was never answered."""

    endpoint: str
    event_id: str
    at: float
    status: int | None


@dataclass(frozen=True)
class Fate:
    """What became of one event: seconds to its first acceptance (None: it was lost), tries, acceptances."""

    sent: Sent
    after: float | None
    attempts: int
    accepted: int


@dataclass(frozen=True)
class Account:
    """The sums over several fates."""

    delivered: int
    lost: int
    duplicates: int
    attempts: int
    latencies: list[float]


def fates(sent: Sequence[Sent], receipts: Sequence[Receipt]) -> list[Fate]:
    """The fate of every event; receipts of other events don't count."""
    came: dict[tuple[str, str], list[Receipt]] = {}
    for receipt in receipts:
        came.setdefault((receipt.endpoint, receipt.event_id), []).append(receipt)
    return [_fate(one, came.get((one.endpoint, one.event_id), [])) for one in sent]


def _fate(sent: Sent, receipts: Sequence[Receipt]) -> Fate:
    times = [receipt.at for receipt in receipts if is_accepted(receipt.status)]
    return Fate(sent, min(times) - sent.at if times else None, len(receipts), len(times))


def is_accepted(status: int | None) -> bool:
    """Only 2xx is acceptance."""
    return status is not None and 200 <= status < 300


def account(found: Sequence[Fate], endpoints: Collection[str]) -> Account:
    """The sums over the fates of some endpoints' events."""
    chosen = [fate for fate in found if fate.sent.endpoint in endpoints]
    latencies = [fate.after for fate in chosen if fate.after is not None]
    return Account(
        delivered=len(latencies),
        lost=len(chosen) - len(latencies),
        duplicates=sum(max(0, fate.accepted - 1) for fate in chosen),
        attempts=sum(fate.attempts for fate in chosen),
        latencies=latencies,
    )


def delivered_per_second(found: Sequence[Fate]) -> float:
    """Accepted events over the time from the first publication to the last first acceptance.

    Raises ValueError when none was accepted.
    """
    ends = [fate.sent.at + fate.after for fate in found if fate.after is not None]
    if not ends:
        raise ValueError("nothing was delivered, no rate")
    return len(ends) / (max(ends) - min(fate.sent.at for fate in found))


def waiting(found: Sequence[Fate], at: float) -> int:
    """How many events had been published at a time and not yet been accepted."""
    return sum(
        fate.sent.at <= at and (fate.after is None or fate.sent.at + fate.after > at) for fate in found
    )


def queue_grows(found: Sequence[Fate]) -> bool:
    """Whether, at a steady rate, more was waiting at the end of sending than halfway through.

    More by a twentieth of what was published in between: a sender that does 95 % of a rate counts as
    one that keeps up. Raises ValueError for no fates.
    """
    times = sorted(fate.sent.at for fate in found)
    if not times:
        raise ValueError("nothing was sent, no queue")
    half, end = times[len(times) // 2], times[-1]
    return waiting(found, end) - waiting(found, half) > GROWING_SHARE * len(times) / 2


def highest_held(holds: Callable[[float], bool], start: float, step: float, least: float) -> float | None:
    """The highest rate that is held, by factors of `step` from `start`; None when none from `least` up is.

    Goes up until a rate isn't held, or down until one is.
    """
    rate = start
    if holds(rate):
        while holds(rate * step):
            rate *= step
        return rate
    while (rate := rate / step) >= least:
        if holds(rate):
            return rate
    return None
