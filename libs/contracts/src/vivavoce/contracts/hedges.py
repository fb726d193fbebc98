"""Hedging phrases: one table, so that what is measured and what is judged count the same words."""

from collections.abc import Sequence

Phrase = tuple[str, ...]

HEDGES: frozenset[Phrase] = frozenset(
    tuple(phrase.split())
    for phrase in (
        "a bit",
        "a little",
        "apparently",
        "basically",
        "i believe",
        "i guess",
        "i suppose",
        "i think",
        "i'm not sure",
        "kind of",
        "kinda",
        "maybe",
        "might",
        "more or less",
        "not sure",
        "perhaps",
        "possibly",
        "presumably",
        "probably",
        "somehow",
        "somewhat",
        "sort of",
        "sorta",
    )
)
"""Each phrase as its words in small letters."""
LONGEST_HEDGE = max(len(phrase) for phrase in HEDGES)


def count_hedges(words: Sequence[str]) -> int:
    """How many hedging phrases occur among words in small letters: the longest first, none twice."""
    count = position = 0
    while position < len(words):
        length = _hedge_at(words, position)
        count += length > 0
        position += max(1, length)
    return count


def _hedge_at(words: Sequence[str], position: int) -> int:
    for length in range(LONGEST_HEDGE, 0, -1):
        if tuple(words[position : position + length]) in HEDGES:
            return length
    return 0
