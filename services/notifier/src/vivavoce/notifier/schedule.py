"""When a failed attempt is made again: growing delays with jitter, and the receiver's own wish."""

from collections.abc import Sequence

LONGEST_WISH = 86_400.0


def next_delay(
    delays: Sequence[int], attempts: int, jitter: float, chance: float, wish: float | None = None
) -> float | None:
    """Seconds until the next attempt after `attempts` failed ones, or None when there is none left.

    `chance` is a random number 0-1 that `jitter` spreads the delay by. `wish` is the receiver's
    Retry-After in seconds; it can lengthen the delay, up to a day.
    """
    if attempts > len(delays):
        return None
    spread = 1 + jitter * (2 * chance - 1)
    return max(delays[attempts - 1] * spread, min(wish or 0.0, LONGEST_WISH))
