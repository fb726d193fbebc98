"""Relevance: whether an answer, as a whole, speaks to the question that was asked."""

from dataclasses import dataclass
from statistics import fmean

import numpy as np

from vivavoce.evaluation.bank import Bank
from vivavoce.evaluation.english import is_english
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.topics import TOPICS
from vivavoce.evaluation.vectors import Vectors, centre, likeness

UNRELATED, CLOSE = -0.03, 0.2
"""Fits: talk about something else lies below the first, good answers mostly beyond the second."""
UNSURE = -0.08, 0.1
"""From the first of near - usual to the second of fits, good answers and other talk both occur."""
MOST_ELSEWHERE = 0.2
ELSEWHERE_SHARE = 0.5
"""Talk from outside of work speaks against an answer only so much: people learn at home, too."""
AWAY_SHARE = 2.0
"""That another topic of interviews is nearer speaks against it more."""
SAME_TOPIC = 0.5
"""A question this close to a topic's own questions asks for that topic."""
ALSO_ASKED = 0.15
"""So do other topics that are hardly less close; all the others are elsewhere."""
ENOUGH_WORDS = 20.0
MOST_QUOTES = 2
LARGELY, IN_PART = 70.0, 30.0
OTHER_WORDS = (
    "The answer is told in quite other words than the question, so whether it speaks to it is unsure; "
    "that is for a person to say."
)


@dataclass(frozen=True)
class Asked:
    """What a question asks for, as vectors.

    `usual` is the mean cosine of the question with all that is known to be said in interviews and
    elsewhere. `statements` are those of the topics that it asks for; `others` has one row for each
    topic that it doesn't, and `other_questions` how one would ask for that. These three are empty
    for a question of no known topic.
    """

    question: Vectors
    usual: float
    statements: Vectors
    others: Vectors
    other_questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How an answer fits its question in meaning: what counts is `value`.

    `near` is a cosine and `usual` the cosine that talk about anything has with the question;
    `elsewhere`, 0 to 0.2, is by how much the answer is nearer to talk outside of work than to talk
    at work; `away` is 0 where no other topic is nearer, else `nearer` is how one would ask for it.
    """

    near: float
    usual: float
    elsewhere: float
    away: float = 0.0
    nearer: str | None = None

    @property
    def value(self) -> float:
        """Near - usual - 0.5 x elsewhere - 2 x away."""
        return self.near - self.usual - ELSEWHERE_SHARE * self.elsewhere - AWAY_SHARE * self.away


def understand(question: Vectors, bank: Bank) -> Asked:
    """Find what the question asks for."""
    usual = fmean(likeness(bank.statements, question))
    closeness = [max(likeness(asks, question)) for asks, _ in bank.topics]
    nothing = bank.statements[:0]
    if max(closeness) < SAME_TOPIC:
        return Asked(question, usual, nothing, nothing)
    edge = max(SAME_TOPIC, max(closeness) - ALSO_ASKED)
    asked = [says for near, (_, says) in zip(closeness, bank.topics, strict=True) if near >= edge]
    others = [place for place, near in enumerate(closeness) if near < edge]
    rows = [_middle(bank.topics[place][1]).reshape(1, -1) for place in others]
    return Asked(
        question,
        usual,
        np.concatenate(asked),
        np.concatenate(rows) if rows else nothing,
        tuple(TOPICS[place].questions[0] for place in others),
    )


def _middle(rows: Vectors) -> Vectors:
    return centre(rows, [1.0] * len(rows))


def can_be_judged(question: str) -> bool:
    """Whether the question says enough, in English, to compare an answer with it."""
    return is_english(question) and len(question.split()) > 1


def relevance(reading: Reading, rows: Vectors, asked: Asked, bank: Bank) -> Finding:
    """100 x ramp(fit, -0.03, 0.2) x min(1, words / 20); `rows` are the sentences' vectors.

    It is doubted where another topic is nearer although points are given, and below a fit of 0.1 when
    near - usual is above -0.08: there, likeness in meaning leaves open whether the answer speaks to
    the question.
    """
    found = fit(reading, rows, asked, bank)
    score = 100 * ramp(found.value, UNRELATED, CLOSE) * min(1.0, reading.effective_words / ENOUGH_WORDS)
    best = _best_sentences(reading, rows, asked) if score else []
    quotes = tuple(reading.sentences[place].span for place in best)
    note = f"fit in meaning {found.value:.2f}; {UNRELATED} counts as none, {CLOSE} as full"
    return Finding(score, f"{_in_words(score)} ({note}).", quotes, _doubt(found, score))


def fit(reading: Reading, rows: Vectors, asked: Asked, bank: Bank) -> Fit:
    """Compare an answer with its question, with other topics and with other talk.

    The answer is the mean direction of its sentences (`rows`), by what each adds. It is as near as
    the larger of its cosines with the question and with what answers to such questions say. Of the
    other topics of interviews the closest counts (none for a question of no known topic).
    """
    whole = centre(rows, reading.weights)
    near = _closest(np.stack([asked.question, _middle(asked.statements)]), whole)
    lead = _closest(bank.elsewhere, whole) - _closest(bank.at_work, whole)
    elsewhere = min(MOST_ELSEWHERE, max(0.0, lead))
    others = likeness(asked.others, whole) if len(asked.others) else []
    place = max(range(len(others)), key=lambda one: others[one], default=None)
    if place is None or others[place] <= near:
        return Fit(near, asked.usual, elsewhere)
    return Fit(near, asked.usual, elsewhere, others[place] - near, asked.other_questions[place])


def _closest(targets: Vectors, whole: Vectors) -> float:
    return max(likeness(targets, whole))


def _best_sentences(reading: Reading, rows: Vectors, asked: Asked) -> list[int]:
    targets = [asked.question, *asked.statements]
    closeness = [max(values) for values in zip(*(likeness(rows, one) for one in targets), strict=True)]
    counting = [place for place, weight in enumerate(reading.weights) if weight > 0]
    return sorted(counting, key=lambda place: -closeness[place])[:MOST_QUOTES]


def _in_words(score: float) -> str:
    if score >= LARGELY:
        return "The answer speaks to the question"
    if score >= IN_PART:
        return "The answer may speak to the question in part, or in other words"
    return "The answer seems to leave the question"


def _doubt(found: Fit, score: float) -> str | None:
    if score and found.nearer is not None:
        return f"The answer is nearer to what is usually said to “{found.nearer}” than to what was asked."
    low, high = UNSURE
    return OTHER_WORDS if low < found.near - found.usual and found.value < high else None
