"""Rules about words: how they are joined, which are fillers, and when they are not believed."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vivavoce.contracts.features import NullReason, Transcript, Word
from vivavoce.media.speech_settings import SpeechSettings

FILLERS = frozenset({"ah", "eh", "er", "erm", "hm", "hmm", "mhm", "mm", "mmm", "uh", "uhh", "uhm", "um", "umm"})
EDGE_MARKS = ".,;:!?…\"'“”‘’()[]-–— "


@dataclass(frozen=True)
class Token:
    """A recognized piece of text; one that does not start with a space continues the piece before it."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class Passage:
    """What was recognized in up to half a minute of sound, with the recognizer's own doubts."""

    tokens: tuple[Token, ...]
    log_probability: float
    no_speech: float


def bare(word: str) -> str:
    """The word in small letters without the punctuation around it."""
    return word.strip(EDGE_MARKS).lower()


def is_filler(word: str) -> bool:
    """Whether the word only fills a hesitation, as "um" and "uh" do."""
    return bare(word) in FILLERS


def build_words(tokens: Iterable[Token]) -> tuple[Word, ...]:
    """Words in order of time; pieces without a leading space are glued to the word before them."""
    words: list[Word] = []
    for token in tokens:
        text = token.text.strip()
        if not text:
            continue
        if words and not token.text.startswith(" "):
            words[-1] = _glue(words[-1], token, text)
        else:
            words.append(_word(text, token.start, token.end, token.probability))
    return tuple(words)


def _word(text: str, start: float, end: float, probability: float) -> Word:
    return Word(
        text=text,
        start=round(start, 2),
        end=round(max(start, end), 2),
        probability=round(min(1.0, max(0.0, probability)), 4),
        filler=is_filler(text),
    )


def _glue(word: Word, token: Token, text: str) -> Word:
    return _word(
        word.text + text, word.start, max(word.end, token.end), min(word.probability, token.probability)
    )


def assemble(words: Sequence[Word], language: str | None) -> Transcript:
    """The transcript: its text is its words with single spaces between them."""
    return Transcript(text=" ".join(word.text for word in words), language=language, words=tuple(words))


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Mean probability of the words, 0-1; null without words."""
    return sum(word.probability for word in words) / len(words) if words else None


def compression(text: str) -> float:
    """How many times smaller the text gets when compressed; loops compress far better than speech."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def is_loop(passage: Passage, limit: float) -> bool:
    """Whether the recognizer got stuck repeating itself."""
    return compression("".join(token.text for token in passage.tokens)) > limit


def doubt(passages: Sequence[Passage], words: Sequence[Word], settings: SpeechSettings) -> NullReason | None:
    """Why the words must not be believed, or null.

    Speech in a language that the model does not know comes out as fluent text with improbable words.
    """
    confidence = mean_confidence(words)
    if confidence is None:
        return NullReason.INSUFFICIENT_SPEECH
    if confidence < settings.min_confidence:
        return NullReason.LOW_ASR_CONFIDENCE
    spoken = [passage for passage in passages if passage.tokens]
    tokens = sum(len(passage.tokens) for passage in spoken)
    log_probability = sum(passage.log_probability * len(passage.tokens) for passage in spoken) / tokens
    if log_probability < settings.min_log_probability:
        return NullReason.LOW_ASR_CONFIDENCE
    if sum(not word.filler for word in words) < settings.min_words:
        return NullReason.INSUFFICIENT_SPEECH
    return None
