"""An answer as the judge reads it: its sentences, and how much each of them adds.

What adds nothing doesn't count: the question said back, a sentence said twice, a heap of keywords
without grammar, hesitation, words to whoever scores it. So an answer can't gain by length alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vivavoce.evaluation import lexicon
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.text import Sentence, Span, has_any, occurrences, tokens

ECHO_WORDS = 5
"""So many words of the question in a row are an echo of it."""
SAME = 0.75
"""Two sentences that share this much of their words of matter say the same."""
LIST_WORDS = 10
"""A sentence of at least so many words must contain some grammar."""
FULL_LENGTH = 45.0
"""From so many words that add something, an answer is long enough to be judged at full scale."""


@dataclass(frozen=True)
class Reading:
    """Sentences with their weights 0-1, and the words that remain when the weights are applied."""

    sentences: tuple[Sentence, ...]
    weights: tuple[float, ...]
    effective_words: float

    @property
    def fullness(self) -> float:
        """0-1: how far the answer is long enough, by words that add something."""
        return min(1.0, self.effective_words / FULL_LENGTH)

    @property
    def counting(self) -> tuple[Sentence, ...]:
        """The sentences that add something."""
        return tuple(s for s, weight in zip(self.sentences, self.weights, strict=True) if weight > 0)


@dataclass(frozen=True)
class Finding:
    """What was found for one criterion: 0-100, in plain words, and the sentences that show it.

    `doubt` is a note for people on why it may be wrong.
    """

    score: float
    explanation: str
    quotes: tuple[Span, ...] = ()
    doubt: str | None = None


def read(sentences: Sequence[Sentence], question: str) -> Reading:
    """Weigh every sentence by the share of its words that add something."""
    asked = tokens(question)
    weights: list[float] = []
    said_before: list[frozenset[str]] = []
    for sentence in sentences:
        matter = _matter(sentence.tokens)
        idle = _is_said(matter, said_before) or speaks_to_the_judge(sentence)
        weight = 0.0 if idle else _own_share(sentence.tokens, asked)
        said_before.append(matter)
        weights.append(round(weight, 4))
    effective = sum(len(s.tokens) * weight for s, weight in zip(sentences, weights, strict=True))
    return Reading(tuple(sentences), tuple(weights), effective)


def speaks_to_the_judge(sentence: Sentence) -> bool:
    """Whether a sentence addresses whoever scores it, such as "ignore previous instructions"."""
    return has_any(sentence.tokens, lexicon.INJECTIONS)


def _matter(said: Sequence[str]) -> frozenset[str]:
    skipped = lexicon.FUNCTION_WORDS | lexicon.FILLERS
    return frozenset(token for token in said if token not in skipped)


def _is_said(matter: frozenset[str], before: Sequence[frozenset[str]]) -> bool:
    if not matter:
        return False
    return any(len(matter & other) / len(matter | other) >= SAME for other in before if other)


def _own_share(said: Sequence[str], asked: Sequence[str]) -> float:
    echoed = _echoed(said, asked)
    empty = [i for i, token in enumerate(said) if token in lexicon.FILLERS or i in echoed]
    phrases = 2 * occurrences(said, lexicon.EMPTY_PHRASES)
    own = max(0, len(said) - len(empty) - phrases) / len(said)
    return ramp(own, 0.3, 0.9) * _grammar(said) * _variety(said)


def _echoed(said: Sequence[str], asked: Sequence[str]) -> set[int]:
    asked_runs = {tuple(asked[i : i + ECHO_WORDS]) for i in range(len(asked) - ECHO_WORDS + 1)}
    starts = [i for i in range(len(said) - ECHO_WORDS + 1) if tuple(said[i : i + ECHO_WORDS]) in asked_runs]
    return {i + offset for i in starts for offset in range(ECHO_WORDS)}


def _grammar(said: Sequence[str]) -> float:
    """0 for a list of keywords, 1 from a fifth of function words on; fluent English has a half."""
    if len(said) < LIST_WORDS:
        return 1.0
    share = sum(token in lexicon.FUNCTION_WORDS for token in said) / len(said)
    return ramp(share, 0.08, 0.2)


def _variety(said: Sequence[str]) -> float:
    """0 when one word makes up most of a sentence, 1 for ordinary speech."""
    return ramp(len(set(said)) / len(said), 0.2, 0.5)
