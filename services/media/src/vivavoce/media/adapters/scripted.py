"""Stand-ins for the network, the prober and the models: what they say follows from the address.

They serve where the pipeline itself is looked at. An address whose last part is named like a
rejection reason, such as `…/not_found.mp4`, is rejected for that reason.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from vivavoce.contracts import (
    FaceSample,
    FaceTrack,
    Observable,
    Probe,
    RejectionReason,
    Transcript,
    Word,
)
from vivavoce.media import face_observables, fetching, voice
from vivavoce.media.analysis import Analysis
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.fetching import Fetched
from vivavoce.media.gaze import Calibration, facing_camera
from vivavoce.media.ports import OnProgress
from vivavoce.media.rejection import Rejected

DURATION = 12.0
WORD_SECONDS = 0.4
SAMPLING_RATE = 5.0
SHARES = ("share", "probability")
REASONS = frozenset(RejectionReason)
VOCABULARY = (
    "we", "measured", "the", "queue", "before", "and", "after", "so", "that", "every", "team", "could",
    "see", "how", "long", "a", "customer", "waits", "then", "I", "split", "work", "into", "small",
    "steps", "wrote", "tests", "first", "asked", "for", "feedback", "each", "week",
)  # fmt: skip


class ScriptedFetcher:
    """Writes the address itself as the content."""

    async def fetch(self, url: str, path: Path, on_progress: OnProgress) -> Fetched:
        """Raises Rejected for an address that is named like a reason."""
        name = PurePosixPath(fetching.target(url).path).stem
        if name in REASONS:
            raise Rejected(RejectionReason(name), f"scripted: {name}")
        content = url.encode()
        await asyncio.to_thread(path.write_bytes, content)
        on_progress(1.0)
        return Fetched(len(content), hashlib.sha256(content).hexdigest())


class ScriptedProber:
    """Takes everything for the same small video."""

    async def probe(self, path: Path) -> Probe:
        """Twelve seconds of picture and sound."""
        return Probe(
            duration=DURATION,
            container="mov,mp4,m4a,3gp,3g2,mj2",
            video_codec="h264",
            width=640,
            height=480,
            frame_rate=25.0,
            audio_codec="aac",
            sample_rate=48_000,
            channels=1,
        )


class ScriptedAnalyzer:
    """Says words and measures values that follow from the file's bytes, without models.

    It takes `seconds` for that, in which it does nothing: for looking at what workers share.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    async def analyse(self, path: Path, probe: Probe, on_progress: OnProgress) -> Analysis:
        """The same file gives the same analysis."""
        await asyncio.sleep(self._seconds)
        seed = hashlib.sha256(await asyncio.to_thread(path.read_bytes)).digest()
        words = tuple(_words(seed, probe.duration)) if probe.audio_codec else ()
        track = _track(probe.duration) if probe.video_codec else None
        on_progress(1.0)
        return Analysis(
            duration=probe.duration,
            language="en",
            transcript=Transcript(text=" ".join(word.text for word in words), language="en", words=words),
            face_track=track,
            observables=tuple(_observables(seed, probe)),
            models={"scripted": "1"},
        )


def _words(seed: bytes, duration: float) -> Iterator[Word]:
    for number in range(int(duration / WORD_SECONDS)):
        start = number * WORD_SECONDS
        text = VOCABULARY[(seed[number % len(seed)] + number) % len(VOCABULARY)]
        yield Word(text=text, start=round(start, 2), end=round(start + WORD_SECONDS / 2, 2), probability=0.9)


def _track(duration: float) -> FaceTrack:
    samples = tuple(
        FaceSample(time=number / SAMPLING_RATE, visible=True, people=1, yaw=0.0, pitch=0.0, facing=True)
        for number in range(int(duration * SAMPLING_RATE))
    )
    return FaceTrack(
        sampling_rate=SAMPLING_RATE,
        duration=duration,
        calibrated=True,
        samples=samples,
        facing_camera=facing_camera(
            Calibration(yaw=0.0, pitch=0.0, gaze_x=0.0, gaze_y=0.0), AnalysisSettings()
        ),
    )


def _observables(seed: bytes, probe: Probe) -> Iterator[Observable]:
    units = (voice.UNITS if probe.audio_codec else {}) | (face_observables.UNITS if probe.video_codec else {})
    for (name, unit), byte in zip(units.items(), seed, strict=False):
        value = byte / 255 if unit in SHARES else float(byte)
        yield Observable(name=name, value=round(value, 4), unit=unit, start=0.0, end=probe.duration)
