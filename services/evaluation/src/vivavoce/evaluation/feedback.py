"""Feedback in plain words, built from the criteria: what was strong, and what would help next time.

It speaks of what was said, never of how a person is or feels.
"""

from collections.abc import Sequence

from vivavoce.contracts import CriterionScore, NullReason
from vivavoce.contracts.recordings import RejectionReason
from vivavoce.evaluation.phrasing import listed
from vivavoce.evaluation.rubric import ON_TOPIC, RUBRIC

STRONG = 70.0
WEAK = 50.0
MOST_STRENGTHS, MOST_ADVICE = 2, 2
WEIGHTS = {line.name: line.weight for line in RUBRIC}

STRENGTHS = {
    "relevance": "it speaks to the question",
    "competencies": "it shows what the position asks for",
    "specificity": "it names numbers, times and own actions",
    "structure": "it is clearly ordered",
    "depth": "it gives reasons and consequences",
    "wording": "it is said directly",
}
ADVICE = {
    "relevance": "Stay closer to the question that was asked.",
    "competencies": "Describe a situation that shows what the position asks for.",
    "specificity": "Name concrete details: what you did yourself, when, how much, with what result.",
    "structure": "Lead from the situation over your task and actions to the result.",
    "depth": "Say why you decided so, what the alternatives were and what you learned.",
    "wording": "Say what you know without hedging.",
}
REASONS: dict[NullReason | RejectionReason, str] = {
    NullReason.NO_AUDIO: "the recording has no sound",
    NullReason.SILENT_AUDIO: "the recording is silent",
    NullReason.INSUFFICIENT_SPEECH: "too little speech was heard",
    NullReason.LOW_ASR_CONFIDENCE: "the words could not be recognized reliably",
    NullReason.UNSUPPORTED_LANGUAGE: "the language of the answer is not supported",
    NullReason.UNAVAILABLE: "the answer could not be processed",
    NullReason.DEADLINE_PASSED: "its results did not arrive in time",
    RejectionReason.ANALYSIS_FAILED: "the recording could not be analysed",
    RejectionReason.TIMEOUT: "the analysis of the recording took too long",
    RejectionReason.EMPTY_FILE: "the recording is empty",
    RejectionReason.TRUNCATED: "the recording is incomplete",
    RejectionReason.NOT_MEDIA: "the file is not a recording",
    RejectionReason.STILL_PICTURE: "the file is a still picture",
    RejectionReason.TOO_LONG: "the recording is too long",
    RejectionReason.RESOLUTION_TOO_HIGH: "the picture of the recording is too large",
    RejectionReason.DOWNLOAD_TOO_LARGE: "the recording is too large",
}


def feedback(overall: float, criteria: Sequence[CriterionScore]) -> str:
    """Two to four sentences on a judged answer: the total, its strengths, and advice on its gaps.

    Where nothing stands out, advice comes first and the total last.
    """
    total = f"The answer scores {overall:.1f} of 100."
    strong = _strengths(criteria)
    if not strong:
        return " ".join([*_advice(criteria, below=STRONG), total])
    return " ".join([total, f"What stands out: {listed(strong)}.", *_advice(criteria, below=WEAK)])


def _strengths(criteria: Sequence[CriterionScore]) -> list[str]:
    ranked = sorted(criteria, key=lambda one: (-one.score * one.weight, one.name))
    strong = [STRENGTHS[one.name] for one in ranked if one.score >= STRONG and one.name in STRENGTHS]
    return strong[:MOST_STRENGTHS]


def _advice(criteria: Sequence[CriterionScore], below: float) -> list[str]:
    """What helps most by the rubric's own weights, so that what was not heard at all is not left out."""
    gaps = sorted(criteria, key=lambda one: (-(100 - one.score) * _weight(one), one.name))
    weak = [ADVICE[one.name] for one in gaps if one.score < below and one.name in ADVICE]
    return ["What would help next time:", *weak[:MOST_ADVICE]] if weak else []


def feedback_without_score(reason: NullReason | RejectionReason) -> str:
    """Why an answer has no score, in one sentence that says what it does not mean."""
    why = REASONS.get(reason, "the recording could not be fetched")
    return f"This answer has no score, because {why}. That says nothing about the candidate."


def _weight(one: CriterionScore) -> float:
    """A lack of relevance lessens all other points."""
    return 1.0 if one.name == "relevance" and one.score < ON_TOPIC else WEIGHTS.get(one.name, 0.0)
