"""The three legacy voice numbers. They tell how speech was measured, not what it says of a person."""

from collections.abc import Iterable

from vivavoce.contracts import DerivedScore, NullReason, Observable, Transcript
from vivavoce.evaluation.derived import Formula, Inputs, derive
from vivavoce.evaluation.formulas import plateau, ramp

WORD_CONFIDENCE = "word_confidence"
SIGNAL = "signal_to_noise"
STEADY, UNSTEADY = 2.0, 6.0
"""Standard deviations in dB with all of loudness's marks, and with none. An anchor, not a norm: readings
and speech at comfortable effort differ by about 2 dB from session to session, in some people by 6 (Brown,
Morris & Murry 1996, J. Voice 10(3):299-305)."""


def _speech_rate(inputs: Inputs) -> float:
    return inputs["speech_rate"]


def _clarity(inputs: Inputs) -> float:
    words = ramp(inputs[WORD_CONFIDENCE], 0.4, 0.9)
    fillers = ramp(inputs["filler_rate"], 15, 2)
    pace = plateau(inputs["articulation_rate"], 60, 110, 220, 320)
    points, weight = 0.45 * words + 0.2 * fillers + 0.15 * pace, 0.8
    if SIGNAL in inputs:
        points, weight = points + 0.2 * ramp(inputs[SIGNAL], 0, 20), 1.0
    return 100 * points / weight


def _confidence(inputs: Inputs) -> float:
    flow = plateau(inputs["pause_share"], -0.05, 0.05, 0.3, 0.65)
    melody = plateau(inputs["pitch_range"], 0, 3, 14, 24)
    steadiness = ramp(inputs["loudness_variation"], UNSTEADY, STEADY)
    directness = ramp(inputs["hedging_rate"], 8, 1)
    return 100 * (0.3 * flow + 0.2 * melody + 0.2 * steadiness + 0.3 * directness)


FORMULAS = (
    Formula(
        name="speech_rate",
        unit="words/min",
        text="words per minute of speaking time",
        needs=("speech_rate",),
        compute=_speech_rate,
    ),
    Formula(
        name="clarity",
        unit="0-100",
        text=(
            "100 x (0.45 ramp(word_confidence, 0.4, 0.9) + 0.2 ramp(signal_to_noise, 0, 20 dB) + 0.2 "
            "ramp(filler_rate, 15, 2 per min) + 0.15 plateau(articulation_rate, 60, 110, 220, 320 "
            "words/min)); without a measured background, the other three share its weight"
        ),
        needs=(WORD_CONFIDENCE, "filler_rate", "articulation_rate"),
        uses=(SIGNAL,),
        compute=_clarity,
    ),
    Formula(
        name="confidence",
        unit="0-100",
        text=(
            "100 x (0.3 plateau(pause_share, -0.05, 0.05, 0.3, 0.65) + 0.2 plateau(pitch_range, 0, 3, 14, "
            "24 semitones) + 0.2 ramp(loudness_variation, 6, 2 dB) + 0.3 ramp(hedging_rate, 8, 1 per 100 "
            "words))"
        ),
        needs=("pause_share", "pitch_range", "loudness_variation", "hedging_rate"),
        compute=_confidence,
    ),
)


def voice_scores(
    observables: Iterable[Observable], transcript: Transcript | None, missing: NullReason
) -> tuple[DerivedScore, ...]:
    """speech_rate, clarity and confidence, each a number or null with a reason.

    `missing` is the reason of observables that weren't reported. The mean word probability is taken
    from the transcript's words when it wasn't reported.
    """
    named = {observable.name: observable for observable in observables}
    if WORD_CONFIDENCE not in named and transcript is not None and transcript.words:
        named[WORD_CONFIDENCE] = _word_confidence(transcript)
    return tuple(derive(formula, named, missing) for formula in FORMULAS)


def _word_confidence(transcript: Transcript) -> Observable:
    heard = [word.probability for word in transcript.words]
    return Observable(
        name=WORD_CONFIDENCE,
        value=sum(heard) / len(heard),
        unit="probability",
        start=transcript.words[0].start,
        end=transcript.words[-1].end,
    )
