"""Wording: how often hedges and fillers stand in the way of what is said."""

from vivavoce.evaluation import lexicon
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.text import Sentence, occurrences

MOST_QUOTES = 3


def wording(reading: Reading) -> Finding:
    """100 x (0.5 H + 0.5 F), H and F falling from 1 to 0 with every hundred words.

    H: hedges such as "maybe" and "I guess" (1 up to 1 per hundred words, 0 from 6); F: fillers such as
    "um" and "you know" (1 up to 3, 0 from 15). Both allow what ordinary speech has.
    """
    said = [token for sentence in reading.sentences for token in sentence.tokens]
    if not said:
        return Finding(0.0, "Nothing was said.")
    hedges = sum(_hedges(sentence) for sentence in reading.sentences)
    fillers = sum(_fillers(sentence) for sentence in reading.sentences)
    per_hundred = 100 / len(said)
    score = 50 * ramp(hedges * per_hundred, 6, 1) + 50 * ramp(fillers * per_hundred, 15, 3)
    shown = tuple(s.span for s in reading.sentences if _hedges(s) or _fillers(s))[:MOST_QUOTES]
    return Finding(score, f"Heard {hedges} hedging words and {fillers} fillers in {len(said)} words.", shown)


def _hedges(sentence: Sentence) -> int:
    single = sum(token in lexicon.HEDGES for token in sentence.tokens)
    return single + occurrences(sentence.tokens, lexicon.HEDGE_PHRASES)


def _fillers(sentence: Sentence) -> int:
    single = sum(token in lexicon.FILLERS for token in sentence.tokens)
    return single + occurrences(sentence.tokens, lexicon.FILLER_PHRASES)
