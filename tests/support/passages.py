"""Recognized passages, as a recognizer would hand them over."""

from collections.abc import Sequence

from vivavoce.contracts import Word
from vivavoce.media.belief import Passage
from vivavoce.media.speech_spans import WINDOW_SECONDS, Span
from vivavoce.media.transcript import Token

WORD_SECONDS = 0.32


def tokens(text: str, probability: float = 0.95, start: float = 0.0) -> tuple[Token, ...]:
    """One token per word of the text, a third of a second each."""
    return tuple(
        Token(f" {word}", start + at * WORD_SECONDS, start + (at + 1) * WORD_SECONDS, probability)
        for at, word in enumerate(text.split())
    )


def passage(
    heard: str | Sequence[Token],
    *,
    probability: float = 0.95,
    log_probability: float = -0.1,
    no_speech: float = 0.01,
    start: float = 0.0,
    seconds: float | None = None,
) -> Passage:
    """A passage of these words; by default exactly as long as they are."""
    said = tokens(heard, probability, start) if isinstance(heard, str) else tuple(heard)
    length = seconds if seconds is not None else max(1, len(said)) * WORD_SECONDS
    first = round(start / WINDOW_SECONDS)
    span = Span(first, first + round(length / WINDOW_SECONDS))
    return Passage(spans=(span,), tokens=said, log_probability=log_probability, no_speech=no_speech)


def words(text: str, probability: float = 0.95) -> tuple[Word, ...]:
    """Words of the text, a third of a second each."""
    return tuple(
        Word(text=token.text.strip(), start=token.start, end=token.end, probability=probability)
        for token in tokens(text, probability)
    )
