"""The two curves that every published formula is made of, and the version they share."""

FORMULAS_VERSION = "formulas-2"


def ramp(value: float, low: float, high: float) -> float:
    """0 at `low` and below, 1 at `high` and above, straight between; `low` may be the larger one."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def plateau(value: float, low: float, full_from: float, full_to: float, high: float) -> float:
    """1 from `full_from` to `full_to`, falling straight to 0 at `low` and at `high`."""
    return min(ramp(value, low, full_from), ramp(value, high, full_to))
