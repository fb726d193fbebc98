"""Wording: how often hedges and fillers stand in the way of what is said."""

from vivavoce.contracts.hedges import count_hedges
from vivavoce.evaluation import lexicon
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.phrasing import counted
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.text import Sentence, every_word, occurrences

MOST_QUOTES = 3


def wording(reading: Reading) -> Finding:
    """100 x (0.5 H + 0.5 F), H and F falling from 1 to 0 with every hundred words.

    H: hedges such as "maybe" and "I guess" (1 up to 1 per hundred words, 0 from 6); F: fillers such as
    "um" and "you know" (1 up to 3, 0 from 15). Both allow what ordinary speech has.
    """
    said = [token for sentence in reading.sentences for token in sentence.tokens]
    if not said:
        return Finding(0.0, "Nothing was said.")
    hedged = sum(hedges(sentence) for sentence in reading.sentences)
    filled = sum(fillers(sentence) for sentence in reading.sentences)
    per_hundred = 100 / len(said)
    score = 50 * ramp(hedged * per_hundred, 6, 1) + 50 * ramp(filled * per_hundred, 15, 3)
    shown = tuple(s.span for s in reading.sentences if hedges(s) or fillers(s))[:MOST_QUOTES]
    return Finding(score, _explain(hedged, filled, len(said)), shown)


def hedges(sentence: Sentence) -> int:
    """How many hedges a sentence has, counted as in the voice's hedging rate: hesitations left out."""
    return count_hedges([word for word in every_word(sentence.text) if word not in lexicon.FILLERS])


def fillers(sentence: Sentence) -> int:
    """How many fillers a sentence has, words and phrases."""
    single = sum(token in lexicon.FILLERS for token in sentence.tokens)
    return single + occurrences(sentence.tokens, lexicon.FILLER_PHRASES)


def _explain(hedged: int, filled: int, words: int) -> str:
    heard = counted(hedged, "hedging word", "hedging words")
    return f"Heard {heard} and {counted(filled, 'filler', 'fillers')} in {counted(words, 'word', 'words')}."
