"""From recognized passages to a transcript that may be judged, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from vivavoce.contracts.features import NullReason, Transcript, Word
from vivavoce.media.belief import Passage, doubtful_runs, is_doubtful, is_nothing, sound_of, wordless
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import Span, total, without
from vivavoce.media.transcript import assemble, build_words


@dataclass(frozen=True)
class Reading:
    """What may be made of the passages: a transcript, or why not; `heard` is where words are believed."""

    transcript: Transcript | None
    reason: NullReason | None
    heard: tuple[Span, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        """The believed words."""
        return self.transcript.words if self.transcript else ()


def read(passages: Sequence[Passage], language: str | None, settings: SpeechSettings) -> Reading:
    """The transcript of the passages that are believed; none when too much is not.

    A transcript is empty where no words were recognized, and null where too few are believed.
    """
    if language is not None and language not in settings.accepted_languages:
        return Reading(None, NullReason.UNSUPPORTED_LANGUAGE)
    spoken = [passage for passage in passages if not is_nothing(passage, settings.prompt)]
    believed = [_believe(passage, settings) for passage in spoken if not is_doubtful(passage, settings)]
    words = sorted((word for kept, _ in believed for word in kept), key=lambda word: word.start)
    heard = tuple(span for _, spans in believed for span in spans)
    said_something = any(passage.tokens for passage in spoken)
    whole = sum(total(passage.spans) for passage in spoken)
    if said_something and 1 - total(heard) / whole > settings.max_doubted_share:
        return Reading(None, NullReason.LOW_ASR_CONFIDENCE, heard)
    enough = sum(not word.filler for word in words) >= settings.min_words
    return Reading(
        transcript=assemble(words, language if words else None),
        reason=None if enough else NullReason.INSUFFICIENT_SPEECH,
        heard=heard,
    )


def _believe(passage: Passage, settings: SpeechSettings) -> tuple[tuple[Word, ...], tuple[Span, ...]]:
    """The passage's believed words, and its sound without that of the others and that without words."""
    words = build_words(passage.tokens)
    runs = doubtful_runs(words, settings.min_local_confidence)
    dropped = {position for run in runs for position in run}
    kept = tuple(word for position, word in enumerate(words) if position not in dropped)
    doubted = [sound_of(words[run.start : run.stop]) for run in runs]
    return kept, without(passage.spans, (*doubted, *wordless(passage)))
