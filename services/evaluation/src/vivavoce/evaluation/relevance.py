"""Relevance: whether an answer, as a whole, speaks to the question that was asked."""

from dataclasses import dataclass

import numpy as np

from vivavoce.evaluation.english import is_english
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.rubric import ON_TOPIC
from vivavoce.evaluation.topics import TOPICS
from vivavoce.evaluation.vectors import Vectors, centre, likeness

UNRELATED, CLOSE = 0.22, 0.56
"""Cosines: talk about something else lies below the first, good answers mostly beyond the second."""
SAME_TOPIC = 0.5
"""A question this close to a topic's own questions asks for that topic."""
ALSO_ASKED = 0.15
"""So do other topics that are hardly less close; all the others are elsewhere."""
ENOUGH_WORDS = 20.0
MOST_QUOTES = 2
LARGELY, IN_PART = 70.0, 30.0


@dataclass(frozen=True)
class Asked:
    """What a question asks for, as vectors.

    `statements` are those of the topics that it asks for; `elsewhere` has one row for each topic
    that it doesn't, and `other_questions` how one would ask for that. All three are empty for a
    question of no known topic.
    """

    question: Vectors
    statements: Vectors
    elsewhere: Vectors
    other_questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nearness:
    """How near in meaning an answer is to its question, and by how much another topic is nearer.

    `near` is a cosine; `away` is 0 where no other topic is nearer, else `nearer` is how one would
    ask for that topic.
    """

    near: float
    away: float = 0.0
    nearer: str | None = None

    @property
    def value(self) -> float:
        """What counts: the nearness less the distance by which another topic is nearer."""
        return self.near - self.away


def topic_texts() -> tuple[str, ...]:
    """Every example question and statement, in a fixed order, to be embedded once."""
    return tuple(text for topic in TOPICS for text in (*topic.questions, *topic.statements))


def understand(question: Vectors, bank: Vectors) -> Asked:
    """Find what the question asks for; `bank` holds the rows of `topic_texts`."""
    by_topic = _by_topic(bank)
    closeness = [max(likeness(asks, question)) for asks, _ in by_topic]
    nothing = bank[:0]
    if max(closeness) < SAME_TOPIC:
        return Asked(question, nothing, nothing)
    edge = max(SAME_TOPIC, max(closeness) - ALSO_ASKED)
    asked = [says for near, (_, says) in zip(closeness, by_topic, strict=True) if near >= edge]
    others = [place for place, near in enumerate(closeness) if near < edge]
    rows = [_middle(by_topic[place][1]).reshape(1, -1) for place in others]
    return Asked(
        question,
        np.concatenate(asked),
        np.concatenate(rows) if rows else nothing,
        tuple(TOPICS[place].questions[0] for place in others),
    )


def _by_topic(bank: Vectors) -> list[tuple[Vectors, Vectors]]:
    groups: list[tuple[Vectors, Vectors]] = []
    place = 0
    for topic in TOPICS:
        middle = place + len(topic.questions)
        end = middle + len(topic.statements)
        groups.append((bank[place:middle], bank[middle:end]))
        place = end
    return groups


def _middle(rows: Vectors) -> Vectors:
    return centre(rows, [1.0] * len(rows))


def can_be_judged(question: str) -> bool:
    """Whether the question says enough, in English, to compare an answer with it."""
    return is_english(question) and len(question.split()) > 1


def relevance(reading: Reading, rows: Vectors, asked: Asked) -> Finding:
    """100 x ramp(nearness, 0.22, 0.56) x min(1, words / 20); `rows` are the sentences' vectors.

    It is doubted where points are given although another topic is nearer.
    """
    found = nearness(reading, rows, asked)
    score = 100 * ramp(found.value, UNRELATED, CLOSE) * min(1.0, reading.effective_words / ENOUGH_WORDS)
    best = _best_sentences(reading, rows, asked) if score else []
    quotes = tuple(reading.sentences[place].span for place in best)
    shown = max(0.0, found.value)
    note = f"likeness in meaning {shown:.2f}; {UNRELATED} counts as none, {CLOSE} as full"
    doubt = _doubt(found.nearer) if score and found.nearer is not None else None
    return Finding(score, f"{_in_words(score)} ({note}).", quotes, doubt)


def nearness(reading: Reading, rows: Vectors, asked: Asked) -> Nearness:
    """Compare an answer with its question and with other topics.

    The answer is the mean direction of its sentences (`rows`), by what each adds. It is as near as
    the larger of its cosines with the question and with what answers to such questions say. Of the
    other topics of interviews the closest counts (none for a question of no known topic).
    """
    whole = centre(rows, reading.weights)
    near = _closest(np.stack([asked.question, _middle(asked.statements)]), whole)
    others = likeness(asked.elsewhere, whole) if len(asked.elsewhere) else []
    place = max(range(len(others)), key=lambda one: others[one], default=None)
    if place is None or others[place] <= near:
        return Nearness(near)
    return Nearness(near, others[place] - near, asked.other_questions[place])


def _closest(targets: Vectors, whole: Vectors) -> float:
    return max(likeness(targets, whole))


def _best_sentences(reading: Reading, rows: Vectors, asked: Asked) -> list[int]:
    targets = [asked.question, *asked.statements]
    closeness = [max(values) for values in zip(*(likeness(rows, one) for one in targets), strict=True)]
    counting = [place for place, weight in enumerate(reading.weights) if weight > 0]
    return sorted(counting, key=lambda place: -closeness[place])[:MOST_QUOTES]


def _in_words(score: float) -> str:
    if score >= ON_TOPIC:
        return "The answer speaks to the question"
    if score >= LARGELY:
        return "The answer largely speaks to the question"
    if score >= IN_PART:
        return "The answer speaks to the question in part"
    return "The answer hardly speaks to the question"


def _doubt(nearer: str) -> str:
    return f"The answer is nearer to what is usually said to “{nearer}” than to what was asked."
