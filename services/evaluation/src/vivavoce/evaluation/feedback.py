"""Feedback in plain words, built from the criteria: what was strong, and what would help next time.

It speaks of what was said, never of how a person is or feels.
"""

from collections.abc import Sequence

from vivavoce.contracts import CriterionScore, NullReason
from vivavoce.contracts.recordings import RejectionReason

STRONG = 70.0
WEAK = 50.0
MOST_STRENGTHS, MOST_ADVICE = 2, 2

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
    """Two or three sentences on a judged answer: the total, its strengths, and advice on its gaps."""
    ranked = sorted(criteria, key=lambda one: (-one.score * one.weight, one.name))
    strong = [STRENGTHS[one.name] for one in ranked if one.score >= STRONG and one.name in STRENGTHS]
    gaps = sorted(criteria, key=lambda one: (-(100 - one.score) * one.weight, one.name))
    weak = [ADVICE[one.name] for one in gaps if one.score < WEAK and one.name in ADVICE]
    sentences = [f"The answer scores {overall:.0f} of 100."]
    if strong:
        sentences.append(f"What stands out: {' and '.join(strong[:MOST_STRENGTHS])}.")
    return " ".join(sentences + weak[:MOST_ADVICE])


def feedback_without_score(reason: NullReason | RejectionReason) -> str:
    """Why an answer has no score, in one sentence that says what it does not mean."""
    why = REASONS.get(reason, "the recording could not be fetched")
    return f"This answer has no score, because {why}. That says nothing about the candidate."
