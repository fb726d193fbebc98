"""Listens to one recording: who speaks when, what is said, and how it sounds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.chassis.model_calls import model_call
from vivavoce.contracts.features import NullReason, Transcript
from vivavoce.media.adapters.voice_activity import VERSION as VOICE_ACTIVITY_VERSION
from vivavoce.media.adapters.voice_activity import speech_probabilities
from vivavoce.media.adapters.whisper_transcriber import recognizer_for, transcribe
from vivavoce.media.levels import Levels, measure_levels
from vivavoce.media.pitch import track_pitch
from vivavoce.media.reading import Reading, read
from vivavoce.media.speech import SpeechAnalysis
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import WINDOW, Span, plan_groups, runs_of_speech, total
from vivavoce.media.voice import VERSION as VOICE_VERSION
from vivavoce.media.voice import Voice, observe, observe_nothing

__all__ = ["SpeechAnalysis", "SpeechSettings", "analyse_speech"]

SEARCHED = 0.05
TRANSCRIBED = 0.95
NOTHING_SAID = Transcript(text="", language=None)

Samples = NDArray[np.int16]


def analyse_speech(
    pcm_path: Path, settings: SpeechSettings, on_progress: Callable[[float], None]
) -> SpeechAnalysis:
    """Transcribe and measure raw sound: 16 kHz, mono, little-endian 16-bit integers, without a header.

    The file is mapped, not loaded; memory grows by a few bytes per 32 ms of it. `on_progress` gets
    the share of the work done, 0-1. An empty file is a recording without a sound track.
    """
    samples = _open(pcm_path)
    if not len(samples):
        return _without_speech(None, NullReason.NO_AUDIO)
    levels = measure_levels(samples)
    probabilities = speech_probabilities(samples)
    on_progress(SEARCHED)
    runs = runs_of_speech(
        probabilities, settings.speech_threshold, settings.silence_threshold, settings.min_pause
    )
    if not runs:
        return _without_speech(NOTHING_SAID, _why_nothing(levels, settings))
    analysis = _analyse_runs(samples, runs, probabilities, levels, settings, on_progress)
    on_progress(1.0)
    return analysis


def _analyse_runs(
    samples: Samples,
    runs: tuple[Span, ...],
    probabilities: NDArray[np.float32],
    levels: Levels,
    settings: SpeechSettings,
    on_progress: Callable[[float], None],
) -> SpeechAnalysis:
    groups = plan_groups(runs, probabilities)
    with model_call("transcribe", "faster-whisper", recognizer_for(settings).version):
        heard = transcribe(
            samples,
            groups,
            settings,
            lambda share: on_progress(SEARCHED + share * (TRANSCRIBED - SEARCHED)),
        )
    reading = read(heard.passages, heard.language, settings)
    enough = total(runs) >= settings.min_speaking_time and reading.transcript != NOTHING_SAID
    voice = Voice(
        runs=runs,
        heard=reading.heard,
        words=reading.words,
        word_reason=None if reading.transcript else reading.reason,
        probabilities=probabilities,
        levels=levels,
        pitches=track_pitch(samples, runs),
    )
    return SpeechAnalysis(
        transcript=reading.transcript,
        transcript_reason=reading.reason,
        language=_language(reading, heard.language),
        observables=observe(voice, settings) if enough else observe_nothing(NullReason.INSUFFICIENT_SPEECH),
        models=_models(recognizer_for(settings).version),
    )


def _language(reading: Reading, heard: str | None) -> str | None:
    """A language is only claimed for believed words, or where it is the reason to refuse them."""
    return heard if reading.words or reading.reason is NullReason.UNSUPPORTED_LANGUAGE else None


def _open(path: Path) -> Samples:
    """The samples of all whole windows, mapped read-only."""
    count = path.stat().st_size // 2 // WINDOW * WINDOW
    if not count:
        return np.zeros(0, dtype=np.int16)
    return np.memmap(path, dtype="<i2", mode="r", shape=(count,))


def _why_nothing(levels: Levels, settings: SpeechSettings) -> NullReason:
    silent = float(levels.decibels.max()) < settings.silence_level
    return NullReason.SILENT_AUDIO if silent else NullReason.INSUFFICIENT_SPEECH


def _without_speech(transcript: Transcript | None, reason: NullReason) -> SpeechAnalysis:
    return SpeechAnalysis(
        transcript=transcript,
        transcript_reason=reason,
        observables=observe_nothing(reason),
        models=_models(),
    )


def _models(recognizer: str | None = None) -> dict[str, str]:
    known = {"voice_activity": VOICE_ACTIVITY_VERSION, "voice": VOICE_VERSION}
    return known | ({"transcript": recognizer} if recognizer else {})
