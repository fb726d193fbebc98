"""The texts that answers and questions are compared with, as vectors."""

from dataclasses import dataclass

import numpy as np

from vivavoce.evaluation.surroundings import AT_WORK, ELSEWHERE
from vivavoce.evaluation.topics import TOPICS
from vivavoce.evaluation.vectors import Vectors


@dataclass(frozen=True)
class Bank:
    """The vectors of what is known of interviews: each topic's, and talk at work and elsewhere."""

    topics: tuple[tuple[Vectors, Vectors], ...]
    at_work: Vectors
    elsewhere: Vectors
    statements: Vectors


def bank_texts() -> tuple[str, ...]:
    """Every text that a bank is made of, in a fixed order, to be embedded once."""
    topics = (text for topic in TOPICS for text in (*topic.questions, *topic.statements))
    return (*topics, *AT_WORK, *ELSEWHERE)


def make_bank(rows: Vectors) -> Bank:
    """The bank whose texts have these vectors, one row for each of `bank_texts`."""
    sizes = [size for topic in TOPICS for size in (len(topic.questions), len(topic.statements))]
    ends = np.cumsum([*sizes, len(AT_WORK)])
    *of_topics, at_work, elsewhere = np.split(rows, ends)
    topics = tuple(zip(of_topics[::2], of_topics[1::2], strict=True))
    said = np.concatenate([*(says for _, says in topics), at_work, elsewhere])
    return Bank(topics, at_work, elsewhere, said)
