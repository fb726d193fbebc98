"""Relevance: whether an answer, as a whole, speaks to the question that was asked."""

from dataclasses import dataclass

import numpy as np

from vivavoce.evaluation.english import is_english
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.topics import TOPICS
from vivavoce.evaluation.vectors import Vectors, centre, likeness

UNRELATED, CLOSE = 0.22, 0.56
"""Cosines: talk about something else lies below the first, good answers mostly beyond the second."""
SAME_TOPIC = 0.5
"""A question this close to a topic's own questions asks for that topic."""
ALSO_ASKED = 0.15
"""So do other topics that are hardly less close."""
RELATED_TOPIC = 0.4
"""A topic whose questions are at least this close to the question is no sign of leaving it."""
ENOUGH_WORDS = 20.0
MOST_QUOTES = 2


@dataclass(frozen=True)
class Asked:
    """What a question asks for, as vectors.

    `statements` are those of the topics that it asks for; `elsewhere` has one row for each topic
    that it doesn't. Both are empty for a question of no known topic.
    """

    question: Vectors
    statements: Vectors
    elsewhere: Vectors


def topic_texts() -> tuple[str, ...]:
    """Every example question and statement, in a fixed order, to be embedded once."""
    return tuple(text for topic in TOPICS for text in (*topic.questions, *topic.statements))


def understand(question: Vectors, bank: Vectors) -> Asked:
    """Find what the question asks for; `bank` holds the rows of `topic_texts`."""
    scored = [(max(likeness(asks, question)), says) for asks, says in _by_topic(bank)]
    best = max(closeness for closeness, _ in scored)
    nothing = bank[:0]
    if best < SAME_TOPIC:
        return Asked(question, nothing, nothing)
    asked = [says for closeness, says in scored if closeness >= max(SAME_TOPIC, best - ALSO_ASKED)]
    others = [_middle(says).reshape(1, -1) for closeness, says in scored if closeness < RELATED_TOPIC]
    return Asked(question, np.concatenate(asked), np.concatenate(others) if others else nothing)


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
    """100 x ramp(nearness, 0.22, 0.56) x min(1, words / 20); `rows` are the sentences' vectors."""
    near = nearness(reading, rows, asked)
    score = 100 * ramp(near, UNRELATED, CLOSE) * min(1.0, reading.effective_words / ENOUGH_WORDS)
    best = _best_sentences(reading, rows, asked) if score else []
    quotes = tuple(reading.sentences[place].span for place in best)
    note = f"likeness in meaning {near:.2f}; {UNRELATED} counts as none, {CLOSE} as full"
    return Finding(score, f"{_in_words(score)} ({note}).", quotes)


def nearness(reading: Reading, rows: Vectors, asked: Asked) -> float:
    """How near in meaning an answer is to its question, at most 1.

    The answer is the mean direction of its sentences (`rows`), by what each adds. Nearness is its
    larger cosine with the question and with what answers to such questions say, less the distance
    by which some other topic of interviews is closer still (0 for a question of no known topic).
    """
    whole = centre(rows, reading.weights)
    near = _closest(np.stack([asked.question, _middle(asked.statements)]), whole)
    away = max(0.0, _closest(asked.elsewhere, whole) - near) if len(asked.elsewhere) else 0.0
    return near - away


def _closest(targets: Vectors, whole: Vectors) -> float:
    return max(likeness(targets, whole))


def _best_sentences(reading: Reading, rows: Vectors, asked: Asked) -> list[int]:
    targets = [asked.question, *asked.statements]
    closeness = [max(values) for values in zip(*(likeness(rows, one) for one in targets), strict=True)]
    counting = [place for place, weight in enumerate(reading.weights) if weight > 0]
    return sorted(counting, key=lambda place: -closeness[place])[:MOST_QUOTES]


def _in_words(score: float) -> str:
    if score >= 70:
        return "The answer speaks to the question"
    if score >= 30:
        return "The answer speaks to the question in part"
    return "The answer hardly speaks to the question"
