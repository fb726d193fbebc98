"""The rubric: which criteria make an answer's score, and how much each weighs."""

from collections.abc import Mapping
from dataclasses import dataclass

RUBRIC_VERSION = "spoken-answer-3"


@dataclass(frozen=True)
class Criterion:
    """One line of the rubric. `asks` is the question that its score answers."""

    name: str
    weight: float
    asks: str


RUBRIC = (
    Criterion("relevance", 0.15, "Does the answer speak to the question?"),
    Criterion("competencies", 0.20, "Does it show what the position asks for, by the position's weights?"),
    Criterion("specificity", 0.25, "Does it tell of numbers, names, times and own actions?"),
    Criterion(
        "structure", 0.15, "Does it lead from a situation to a result, or from a definition to limits?"
    ),
    Criterion("depth", 0.20, "Does it give reasons, alternatives, consequences and lessons?"),
    Criterion("wording", 0.05, "Is it said without many hedges and fillers?"),
    Criterion("voice", 0.0, "How it sounded: measured and shown, never counted."),
    Criterion("face", 0.0, "How the camera saw it: measured and shown, never counted."),
)
"""The weights sum to 1. Voice and camera observables predict nothing that would be fair to count."""

ON_TOPIC = 60.0
"""Relevance from which everything else counts in full."""
LEAST_CREDIT = 0.35
"""The share that everything else still counts in an answer that doesn't speak to the question at all."""


def weights_of(judged: Mapping[str, float], touch: float = 1.0) -> dict[str, float]:
    """The weights of the criteria that could be judged, scaled so that they sum to 1.

    `touch`, 0-1, is how surely the answer touches the position's competencies: these weigh so much
    less, so that a chance likeness can't move a score by a jump.
    """
    own = {line.name: line.weight for line in RUBRIC if line.weight and line.name in judged}
    chosen = {name: weight * touch if name == "competencies" else weight for name, weight in own.items()}
    total = sum(chosen.values())
    return {name: weight / total for name, weight in chosen.items()}


def credit(judged: Mapping[str, float]) -> float:
    """0.35-1: how much the other criteria count, by relevance; 1 when relevance can't be judged.

    A well-told story about something else is not half an answer.
    """
    if "relevance" not in judged:
        return 1.0
    return LEAST_CREDIT + (1 - LEAST_CREDIT) * min(1.0, judged["relevance"] / ON_TOPIC)


def contributions(judged: Mapping[str, float], touch: float = 1.0) -> dict[str, float]:
    """The points of the total 0-100 that each criterion gives, to two decimals; they sum to it.

    Relevance gives score x weight; each other criterion score x weight x `credit`.
    """
    share = credit(judged)
    return {
        name: round(judged[name] * weight * (1.0 if name == "relevance" else share), 2)
        for name, weight in weights_of(judged, touch).items()
    }


def total(points: Mapping[str, float]) -> float:
    """The score 0-100 that contributions sum to, to two decimals."""
    return round(sum(points.values()), 2)
