"""Sentences and words of a transcript, each with its place in the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vivavoce.evaluation.lexicon import ARTICLES
from vivavoce.evaluation.masking import mask, plain

MAX_WORDS = 40
"""A longer sentence is cut: spoken text may come without any full stop."""
WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
SENTENCE = re.compile(r"[^.!?…]*(?:[.!?…](?!\s|$)[^.!?…]*)*(?:[.!?…]+|$)")

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """A piece of a text, from character `start` up to and without character `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence: its place in the transcript, and what a judge may see of it.

    `text` has no masked terms; `words` are its words as written, `tokens` the same in small letters,
    without articles, a word that is stammered several times only once.
    """

    span: Span
    text: str
    words: tuple[str, ...]
    tokens: tuple[str, ...]


def split_sentences(text: str, masked_terms: Sequence[str] = ()) -> tuple[Sentence, ...]:
    """The sentences of a text in order, none longer than 40 words, none without a word."""
    found: list[Sentence | None] = []
    for match in SENTENCE.finditer(text):
        words = [Span(match.start() + w.start(), match.start() + w.end()) for w in WORD.finditer(match[0])]
        for piece in _pieces(words):
            end = match.end() if piece[-1] is words[-1] else piece[-1].end
            found.append(_sentence(text, Span(piece[0].start, end), masked_terms))
    return tuple(sentence for sentence in found if sentence)


def _pieces(words: Sequence[Span]) -> list[Sequence[Span]]:
    return [words[first : first + MAX_WORDS] for first in range(0, len(words), MAX_WORDS)]


def _sentence(text: str, span: Span, masked_terms: Sequence[str]) -> Sentence | None:
    shown = plain(mask(text[span.start : span.end], masked_terms))
    words = _without_stammer([match[0] for match in WORD.finditer(shown)])
    said = [word for word in words if _token(word) not in ARTICLES]
    return Sentence(span, shown, tuple(said), tuple(_token(word) for word in said)) if said else None


def _without_stammer(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        word for place, word in enumerate(words) if not place or _token(words[place - 1]) != _token(word)
    )


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, without articles."""
    return tuple(token for token in every_word(text) if token not in ARTICLES)


def every_word(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, articles and all."""
    return tuple(_token(match[0]) for match in WORD.finditer(text))


def _token(word: str) -> str:
    return word.lower().replace("’", "'")


def count_phrases(said: Sequence[str], phrases: Sequence[Phrase]) -> int:
    """How many of the phrases occur among the words, each counted once."""
    return sum(has_phrase(said, phrase) for phrase in phrases)


def has_any(said: Sequence[str], phrases: Sequence[Phrase]) -> bool:
    """Whether one of the phrases occurs among the words."""
    return any(has_phrase(said, phrase) for phrase in phrases)


def has_phrase(said: Sequence[str], phrase: Phrase) -> bool:
    """Whether the phrase's words follow each other among the words."""
    size = len(phrase)
    if phrase[0] not in said:
        return False
    return any(tuple(said[i : i + size]) == phrase for i in range(len(said) - size + 1))


def occurrences(said: Sequence[str], phrases: Sequence[Phrase]) -> int:
    """How often the phrases occur among the words, every time counted."""
    return sum(
        tuple(said[i : i + len(phrase)]) == phrase
        for phrase in phrases
        for i in range(len(said) - len(phrase) + 1)
    )
