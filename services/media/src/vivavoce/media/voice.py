"""How something was said: observables of one voice, each with its unit and span, or null and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.contracts.features import NullReason, Observable, Word
from vivavoce.contracts.hedges import count_hedges
from vivavoce.media.levels import Levels, decibels
from vivavoce.media.pitch import Numbers, semitones
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import WINDOW, WINDOW_SECONDS, Span, bridge, common, gaps, mask, total
from vivavoce.media.transcript import bare, mean_confidence

VERSION = "2"
UNITS = {
    "speaking_time": "s",
    "pause_share": "share",
    "pause_count": "count",
    "longest_pause": "s",
    "mean_pause": "s",
    "pitch_median": "Hz",
    "pitch_range": "semitones",
    "loudness_variation": "dB",
    "signal_to_noise": "dB",
    "clipping_share": "share",
    "understood_share": "share",
    "speech_rate": "words/min",
    "articulation_rate": "words/min",
    "filler_rate": "1/min",
    "hedging_rate": "1/100 words",
    "word_confidence": "probability",
}
WORD_MEASURES = ("speech_rate", "articulation_rate", "filler_rate", "hedging_rate", "word_confidence")
MIN_VOICED_FRAMES = 30
PHRASE_WINDOWS = 16
MIN_PHRASES = 4
NOISE_BELOW = 0.1
NOISE_MARGIN_WINDOWS = 4
MIN_NOISE_WINDOWS = 8
QUIETEST_PERCENT = 5
SNR_LIMITS = (-10.0, 60.0)

Measured = dict[str, float | NullReason]


@dataclass(frozen=True)
class Voice:
    """All that the measures are taken from.

    `runs` are the stretches of speech between pauses; `heard` the parts of the recording whose words
    are believed; `probabilities` and `levels` go window by window; `pitches` frame by frame in Hz.
    `word_reason` says why there are no words to measure by.
    """

    runs: tuple[Span, ...]
    heard: tuple[Span, ...]
    words: tuple[Word, ...]
    word_reason: NullReason | None
    probabilities: NDArray[np.float32]
    levels: Levels
    pitches: Numbers


def observe(voice: Voice, settings: SpeechSettings) -> tuple[Observable, ...]:
    """Every voice observable of a recording with enough speech, over the span from first to last word."""
    measured: Measured = {
        **measure_pauses(voice.runs, settings),
        **measure_pitch(voice.pitches),
        **measure_loudness(voice),
        **_measure_words(voice, settings),
    }
    start, end = voice.runs[0].start * WINDOW_SECONDS, voice.runs[-1].end * WINDOW_SECONDS
    return tuple(_observable(name, measured[name], start, end) for name in UNITS)


def observe_nothing(reason: NullReason) -> tuple[Observable, ...]:
    """Every voice observable as null, for one reason."""
    return tuple(_observable(name, reason, None, None) for name in UNITS)


def _observable(
    name: str, measured: float | NullReason, start: float | None, end: float | None
) -> Observable:
    if isinstance(measured, NullReason):
        return Observable(name=name, value=None, unit=UNITS[name], start=start, end=end, reason=measured)
    return Observable(name=name, value=round(measured, 4), unit=UNITS[name], start=start, end=end)


def speaking_time(runs: Iterable[Span], settings: SpeechSettings) -> float:
    """Seconds of speech with the pauses inside it, except those too long to belong to speaking."""
    return total(bridge(runs, shorter_than=settings.longest_spoken_pause))


def measure_pauses(runs: Sequence[Span], settings: SpeechSettings) -> Measured:
    """Pauses between the first and the last speech; their share is of the time between these two."""
    pauses = [pause.seconds for pause in gaps(runs)]
    whole = (runs[-1].end - runs[0].start) * WINDOW_SECONDS
    return {
        "speaking_time": speaking_time(runs, settings),
        "pause_share": sum(pauses) / whole,
        "pause_count": float(len(pauses)),
        "longest_pause": max(pauses, default=0.0),
        "mean_pause": sum(pauses) / len(pauses) if pauses else 0.0,
    }


def measure_pitch(pitches: Numbers) -> Measured:
    """Median pitch, and the interval from the 10th to the 90th percentile, which outliers don't stretch."""
    if len(pitches) < MIN_VOICED_FRAMES:
        return {
            "pitch_median": NullReason.INSUFFICIENT_SPEECH,
            "pitch_range": NullReason.INSUFFICIENT_SPEECH,
        }
    low, middle, high = (float(value) for value in np.percentile(pitches, (10, 50, 90)))
    return {"pitch_median": middle, "pitch_range": semitones(low, high)}


def measure_loudness(voice: Voice) -> Measured:
    """Variation, distance to the background, and clipping, all where speech is."""
    speech = mask(voice.runs, len(voice.levels.energy))
    return {
        "loudness_variation": _variation(voice.levels.energy[speech]),
        "signal_to_noise": _signal_to_noise(voice, speech),
        "clipping_share": float(voice.levels.clipped[speech].sum()) / (np.count_nonzero(speech) * WINDOW),
    }


def _variation(energy: NDArray[np.float64]) -> float | NullReason:
    """Standard deviation in dB of the level of each half second of speech; more is less steady."""
    phrases = len(energy) // PHRASE_WINDOWS
    if phrases < MIN_PHRASES:
        return NullReason.INSUFFICIENT_SPEECH
    each = energy[: phrases * PHRASE_WINDOWS].reshape(phrases, PHRASE_WINDOWS).mean(axis=1)
    return float(np.std(decibels(each)))


def _signal_to_noise(voice: Voice, speech: NDArray[np.bool_]) -> float:
    """Mean power of speech over the median power where nobody speaks, noise subtracted, in dB.

    A recording with less than a quarter of a second without speech is measured by its quietest
    twentieth instead, the moments between and inside words.
    """
    energy = voice.levels.energy
    near = np.convolve(speech, np.ones(2 * NOISE_MARGIN_WINDOWS + 1), mode="same") > 0
    quiet = energy[~near & (voice.probabilities < NOISE_BELOW)]
    enough = len(quiet) >= MIN_NOISE_WINDOWS
    noise = float(np.median(quiet)) if enough else float(np.percentile(energy, QUIETEST_PERCENT))
    signal = float(energy[speech].mean()) - noise
    ratio = decibels(np.array([max(signal, 0.0), noise]))
    return float(np.clip(ratio[0] - ratio[1], *SNR_LIMITS))


def _measure_words(voice: Voice, settings: SpeechSettings) -> Measured:
    """Measures over the speech whose words are believed, and how much of all speech that is."""
    runs = common(voice.runs, voice.heard, len(voice.probabilities))
    understood: Measured = {"understood_share": total(runs) / total(voice.runs)}
    if voice.word_reason:
        return understood | dict.fromkeys(WORD_MEASURES, voice.word_reason)
    return understood | measure_words(voice.words, speaking_time(runs, settings), total(runs))


def measure_words(words: Sequence[Word], speaking: float, articulating: float) -> Measured:
    """Rates of words.

    `speech_rate` is words over `speaking` seconds, which hold the pauses; `articulation_rate` is
    words over `articulating` seconds, which don't. Fillers are no words here; they have their own
    rate per minute of speaking. Hedging is phrases per 100 words.
    """
    spoken = [bare(word.text) for word in words if not word.filler]
    confidence = mean_confidence(words)
    if confidence is None or not spoken or speaking <= 0:
        return dict.fromkeys(WORD_MEASURES, NullReason.INSUFFICIENT_SPEECH)
    return {
        "speech_rate": 60 * len(spoken) / speaking,
        "articulation_rate": 60 * len(spoken) / articulating,
        "filler_rate": 60 * (len(words) - len(spoken)) / speaking,
        "hedging_rate": 100 * count_hedges(spoken) / len(spoken),
        "word_confidence": confidence,
    }
