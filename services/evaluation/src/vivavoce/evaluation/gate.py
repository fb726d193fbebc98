"""The gate before judging: an answer that wasn't heard well enough gets no score, but a reason."""

from dataclasses import dataclass

from vivavoce.contracts import MediaFeatures, NullReason, Transcript
from vivavoce.evaluation.text import tokens


@dataclass(frozen=True)
class Limits:
    """What an answer needs to be judged: words, seconds from its first to its last word, languages."""

    min_words: int = 12
    min_seconds: float = 4.0
    min_word_confidence: float = 0.4
    languages: tuple[str, ...] = ("en",)


def why_not(features: MediaFeatures, transcript: Transcript | None, limits: Limits) -> NullReason | None:
    """Why an answer can't be judged, or None when it can."""
    if features.transcript_reason is not None:
        return features.transcript_reason
    if transcript is None:
        return NullReason.UNAVAILABLE
    language = transcript.language or features.language
    if language is not None and language.split("-")[0].lower() not in limits.languages:
        return NullReason.UNSUPPORTED_LANGUAGE
    return _too_little(transcript, limits)


def _too_little(transcript: Transcript, limits: Limits) -> NullReason | None:
    spoken = [word for word in transcript.words if not word.filler]
    count = len(spoken) if transcript.words else len(tokens(transcript.text))
    if count < limits.min_words:
        return NullReason.INSUFFICIENT_SPEECH
    if not spoken:
        return None
    if spoken[-1].end - spoken[0].start < limits.min_seconds:
        return NullReason.INSUFFICIENT_SPEECH
    heard = sum(word.probability for word in spoken) / len(spoken)
    return NullReason.LOW_ASR_CONFIDENCE if heard < limits.min_word_confidence else None
