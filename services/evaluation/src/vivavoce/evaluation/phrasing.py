"""Counts and lists as people write them, for the explanations that recruiters and candidates read."""

from collections.abc import Sequence


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: "no fillers", "1 filler", "2 fillers"."""
    return f"{number or 'no'} {one if number == 1 else many}"


def listed(parts: Sequence[str]) -> str:
    """Parts as a list: "a", "a and b", "a, b and c"."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
