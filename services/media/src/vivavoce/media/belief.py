"""Which recognized words are believed: what is a loop, an echo, noise, or a language not known."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vivavoce.contracts.features import Word
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import WINDOW_SECONDS, Span, from_mask, total, within
from vivavoce.media.transcript import Token, bare, build_words, mean_confidence

SHORTEST_ECHO = 4
HARDLY_SPEECH = 0.6
SPARSE_AFTER_SECONDS = 5.0
SPARSE_WORDS_PER_SECOND = 0.4
NEIGHBOURS = 6
LONGEST_WORDLESS = 3.0
CLEAR = 0.85


@dataclass(frozen=True)
class Passage:
    """What was recognized in up to half a minute of sound, with the recognizer's own doubts.

    `log_probability` is the mean natural logarithm over the passage's tokens, and `no_speech` the
    probability that nobody spoke.
    """

    spans: tuple[Span, ...]
    tokens: tuple[Token, ...]
    log_probability: float
    no_speech: float

    @property
    def text(self) -> str:
        """The words as the recognizer wrote them."""
        return "".join(token.text for token in self.tokens)


def compression(text: str) -> float:
    """How many times smaller the text gets when compressed; loops compress far better than speech."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def is_loop(passage: Passage, limit: float) -> bool:
    """Whether the recognizer got stuck repeating itself."""
    return compression(passage.text) > limit


def is_echo(passage: Passage, prompt: str) -> bool:
    """Whether the recognizer, at a loss, repeated the prompt that it was given."""
    said = [bare(word) for word in passage.text.split()]
    shown = [bare(word) for word in prompt.split()]
    return len(said) >= SHORTEST_ECHO and any(
        shown[first : first + len(said)] == said for first in range(len(shown))
    )


def is_sparse(passage: Passage) -> bool:
    """Whether the passage has far too few words for its length."""
    seconds = total(passage.spans)
    return seconds > SPARSE_AFTER_SECONDS and len(passage.text.split()) < SPARSE_WORDS_PER_SECOND * seconds


def is_nothing(passage: Passage, prompt: str) -> bool:
    """Whether the passage holds no speech after all, whatever words were put to its sound."""
    if is_echo(passage, prompt):
        return True
    confidence = mean_confidence(build_words(passage.tokens)) or 0.0
    return passage.no_speech > HARDLY_SPEECH and confidence < HARDLY_SPEECH


def is_doubtful(passage: Passage, settings: SpeechSettings) -> bool:
    """Whether the passage's words must not be believed.

    Speech in a language that the model does not know comes out as fluent text of improbable words,
    as a loop, or as far too few words for its length.
    """
    return (
        (mean_confidence(build_words(passage.tokens)) or 0.0) < settings.min_confidence
        or passage.log_probability < settings.min_log_probability
        or is_loop(passage, settings.max_compression)
        or is_sparse(passage)
    )


def doubtful_runs(words: Sequence[Word], below: float) -> tuple[range, ...]:
    """Runs of words where six neighbours together have a mean probability that is too low.

    So a change of language inside a passage is noticed, while a single unclear name is not. Clear
    words between a run and its believed neighbours belong to these.
    """
    if len(words) < NEIGHBOURS:
        return ()
    sums = np.cumsum([0.0, *(word.probability for word in words)])
    low = (sums[NEIGHBOURS:] - sums[:-NEIGHBOURS]) / NEIGHBOURS < below
    doubted = np.convolve(low, np.ones(NEIGHBOURS)) > 0
    trimmed = (_without_clear_edges(words, run) for run in from_mask(doubted))
    return tuple(run for run in trimmed if run)


def _without_clear_edges(words: Sequence[Word], run: Span) -> range:
    unclear = [at for at in range(run.start, run.end) if words[at].probability < CLEAR]
    if not unclear:
        return range(0)
    first = unclear[0] if run.start else 0
    return range(first, unclear[-1] + 1 if run.end < len(words) else run.end)


def wordless(passage: Passage) -> tuple[Span, ...]:
    """Stretches of the passage's sound, three seconds or longer, to which no word was put.

    A recognizer may end early and leave out the rest of what it was given.
    """
    start, end = passage.spans[0].start, passage.spans[-1].end
    spoken = [sound_of([word]) for word in build_words(passage.tokens)]
    befores, afters = (start, *(word.end for word in spoken)), (*(word.start for word in spoken), end)
    gaps = (Span(before, after) for before, after in zip(befores, afters, strict=True) if before < after)
    silent = (within(passage.spans, gap) for gap in gaps)
    return tuple(span for parts in silent if total(parts) >= LONGEST_WORDLESS for span in parts)


def sound_of(words: Sequence[Word]) -> Span:
    """The windows from the first word's start to the last word's end."""
    return Span(int(words[0].start / WINDOW_SECONDS), int(words[-1].end / WINDOW_SECONDS) + 1)
