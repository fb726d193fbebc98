"""The analysis of one recording: hearing and seeing in two processes, joined into one document."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import cast

from vivavoce.contracts import Probe
from vivavoce.media.adapters.decoding import MAX_PIXELS, write_sound
from vivavoce.media.adapters.lanes import Lanes, Tell, Work
from vivavoce.media.adapters.native_noise import held_back
from vivavoce.media.adapters.seeing import see, seeing_models
from vivavoce.media.adapters.speech import analyse_speech
from vivavoce.media.analysis import Analysis
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.face_observables import VERSION as FACE_VERSION
from vivavoce.media.face_observables import face_reason, observe_face
from vivavoce.media.face_track import Sighting, build_track
from vivavoce.media.speech import SpeechAnalysis

SEEING_STEP = 0.01
HEARING_GIVES_WAY = 2
"""By so much hearing is nicer than seeing, which takes longer: so both end at about the same time."""


def analyse(
    path: Path,
    probe: Probe,
    settings: AnalysisSettings,
    on_progress: Tell,
    max_pixels: int = MAX_PIXELS,
) -> Analysis:
    """Everything measured in a recording; the same recording gives the same to the last bit.

    Blocks until done, so it belongs into a process of its own; when that is killed, the two processes
    that it keeps for the next recording die with it. `on_progress` hears the share done, 0-1, rising.
    Raises UndecodableRecording, ModelMissing, CannotSeal, LaneFailed and WorkerDied.
    """
    work: dict[str, tuple[Work, tuple[object, ...]]] = {"hearing": (hear, (path, settings))}
    if probe.video_codec:
        work["seeing"] = (look, (path, settings, probe.duration, max_pixels))
    results = _lanes(settings.niceness, settings.sealed).run(work, on_progress)
    heard = cast("SpeechAnalysis", results["hearing"])
    sightings, models = cast("tuple[tuple[Sighting, ...], dict[str, str]]", results.get("seeing", ((), {})))
    duration = max([probe.duration, *(each.time for each in sightings[-1:])])
    track = build_track(sightings, duration, settings)
    return Analysis(
        duration=duration,
        language=heard.language,
        transcript=heard.transcript,
        transcript_reason=heard.transcript_reason,
        face_track=track,
        face_reason=face_reason(track, settings),
        observables=heard.observables + observe_face(track, settings),
        models=heard.models | models | {"face_observables": FACE_VERSION},
    )


def hear(path: Path, settings: AnalysisSettings, tell: Tell) -> SpeechAnalysis:
    """What is heard in a recording. Its sound lies beside it without a name, so it can't be left behind."""
    with TemporaryFile(dir=path.parent) as sound:
        write_sound(path, sound, settings.longest_seconds)
        sound.flush()
        return analyse_speech(Path(f"/proc/self/fd/{sound.fileno()}"), settings.speech, tell)


def look(
    path: Path, settings: AnalysisSettings, duration: float, max_pixels: int, tell: Tell
) -> tuple[tuple[Sighting, ...], dict[str, str]]:
    """What is seen in a recording of `duration` seconds, and the models that saw it."""
    with held_back():
        return see(path, settings, _by_steps(tell, duration), max_pixels), seeing_models(settings)


@lru_cache(maxsize=1)
def _lanes(niceness: int, sealed: bool) -> Lanes:
    return Lanes(niceness=niceness, sealed=sealed, nicer={"hearing": HEARING_GIVES_WAY})


def _by_steps(tell: Tell, duration: float) -> Callable[[float], None]:
    """Tells shares of `duration` only when another hundredth is done."""
    told = 0.0

    def on_time(time: float) -> None:
        nonlocal told
        share = min(1.0, time / duration) if duration else 0.0
        if share >= told + SEEING_STEP:
            told = share
            tell(share)

    return on_time
