"""Competencies: how far an answer shows what the position asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vivavoce.contracts import Competency
from vivavoce.evaluation.competency_terms import is_known
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.reading import Reading
from vivavoce.evaluation.text import Span, has_phrase, tokens
from vivavoce.evaluation.vectors import Vectors, likeness

TOUCHED, SHOWN = 0.28, 0.55
"""Cosines of the closest sentences: from the first a competency is touched, at the second fully shown."""
NAMED = 0.5
"""The closeness of a sentence that says the very name of a competency, such as a tool's."""
FIRST_SHARE = 0.7
LEAST_SHARE = 0.7
"""What is hardly touched weighs little; it isn't thereby shown badly."""
MOST_QUOTES = 2


@dataclass(frozen=True)
class Shown:
    """How far one competency is shown, 0-100, and by which sentences; null when it isn't touched.

    `touch`, 0-1, says how surely it is touched: what is touched by chance should hardly count.
    """

    competency: Competency
    score: float | None
    touch: float = 0.0
    quotes: tuple[Span, ...] = ()


def competencies(
    reading: Reading,
    rows: Vectors,
    wanted: Sequence[Competency],
    statements: Mapping[str, Vectors],
    substance: float,
) -> tuple[Shown, ...]:
    """For each competency 100 x substance x (0.7 + 0.3 touch); touch = ramp(closeness, 0.28, 0.55).

    Closeness is 0.7 of the closest and 0.3 of the second closest sentence's cosine with what people
    say who show it (rows of `statements`, by name); at least 0.5 where a sentence says the name of a
    competency of which no statements are known, such as a tool. `substance`, 0-1, is how concrete,
    reasoned and to the question the answer is: to name a competency is not to show it.
    """
    return tuple(_one(reading, rows, one, statements[one.name], substance) for one in wanted)


def _one(reading: Reading, rows: Vectors, one: Competency, targets: Vectors, substance: float) -> Shown:
    counting = [place for place, weight in enumerate(reading.weights) if weight > 0]
    if not counting or not len(targets):
        return Shown(one, None)
    closeness = _closeness(reading, rows, one, targets)
    ranked = sorted(counting, key=lambda place: -closeness[place])
    best = [closeness[place] * reading.weights[place] for place in ranked[:2]]
    near = FIRST_SHARE * best[0] + (1 - FIRST_SHARE) * best[-1]
    touch = ramp(near, TOUCHED, SHOWN)
    if not touch:
        return Shown(one, None)
    shown = [place for place in ranked[:MOST_QUOTES] if closeness[place] >= TOUCHED]
    quotes = tuple(reading.sentences[place].span for place in shown)
    return Shown(one, 100 * substance * (LEAST_SHARE + (1 - LEAST_SHARE) * touch), touch, quotes)


def _closeness(reading: Reading, rows: Vectors, one: Competency, targets: Vectors) -> list[float]:
    by_target = [likeness(rows, target) for target in targets]
    closeness = [max(values) for values in zip(*by_target, strict=True)]
    name = tokens(one.name)
    if is_known(one.name) or not name:
        return closeness
    named = [has_phrase(sentence.tokens, name) for sentence in reading.sentences]
    return [max(near, NAMED) if said else near for near, said in zip(closeness, named, strict=True)]


def weighted_mean(shown: Sequence[Shown]) -> tuple[float, float] | None:
    """The mean of the touched competencies and how surely any is touched; null when none is.

    A competency counts in the mean by its weight in the position times its touch.
    """
    touched = [(one.score, one) for one in shown if one.score is not None]
    if not touched:
        return None
    surely = max(one.touch for _, one in touched)
    total = sum(one.competency.weight * one.touch for _, one in touched)
    if not total:
        return sum(score for score, _ in touched) / len(touched), surely
    return sum(score * one.competency.weight * one.touch for score, one in touched) / total, surely
