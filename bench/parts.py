"""The parts of an analysis on their own: each model and measure, bare, one after another.

Every group of parts runs in a child process that loads its models and tries them first, speech
recognition on everything, as it is the one that wants much memory. What is counted then is the
process's CPU time (getrusage) from a part's start to its end. Settings are the system's own defaults.
"""

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from vivavoce.contracts import Competency, Transcript
from vivavoce.evaluation.adapters.minilm_embedder import MiniLmEmbedder, MiniLmFiles
from vivavoce.evaluation.bank import bank_texts, make_bank
from vivavoce.evaluation.judgement import Task
from vivavoce.evaluation.judging import judge_answer
from vivavoce.media.adapters.centerface_people import CenterfacePeople, people_model
from vivavoce.media.adapters.decoding import Picture, Sampling, pictures, write_sound
from vivavoce.media.adapters.mediapipe_faces import MediapipeFaces, face_model
from vivavoce.media.adapters.native_noise import held_back
from vivavoce.media.adapters.voice_activity import speech_probabilities
from vivavoce.media.adapters.whisper_transcriber import Heard, transcribe
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.face_observables import observe_face
from vivavoce.media.face_track import Sighting, build_track
from vivavoce.media.levels import measure_levels
from vivavoce.media.pitch import track_pitch
from vivavoce.media.reading import Reading, read
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import WINDOW, Span, plan_groups, runs_of_speech
from vivavoce.media.timeline import SamplingGrid
from vivavoce.media.voice import Voice, observe

RESULT = TypeVar("RESULT")
Samples = NDArray[np.int16]
WARM_UP_PICTURES = 10


@dataclass(frozen=True)
class Part:
    """What one part took, alone: CPU seconds over all its threads, and wall seconds."""

    name: str
    cpu: float
    wall: float


@dataclass(frozen=True)
class Question:
    """What an answer is judged by."""

    text: str
    competencies: dict[str, float]


class Meter:
    """Collects the parts of one process."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count a block as a part."""
        wall, cpu = time.perf_counter(), _cpu()
        yield
        self.parts.append(Part(name, _cpu() - cpu, time.perf_counter() - wall))


def bare_parts(recording: Path, question: Question) -> list[Part]:
    """Every part of the analysis of one recording and the judgement of what is said in it."""
    heard, transcript = _in_child(_hearing, recording)
    seen = _in_child(_seeing, recording)
    judged = _in_child(_judging, transcript, question)
    return [*heard, *seen, *judged]


def _in_child(work: Callable[..., RESULT], *arguments: object) -> RESULT:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _hearing(recording: Path) -> tuple[list[Part], Transcript]:
    settings, meter = AnalysisSettings(), Meter()
    with TemporaryDirectory() as folder:
        sound = Path(folder) / "sound"
        with meter.part("decode sound"), sound.open("wb") as target:
            write_sound(recording, target, settings.longest_seconds)
        samples = _samples(sound)
        _recognize(samples, settings.speech)
        with meter.part("speech recognition, voice activity"):
            runs, probabilities, heard = _recognize(samples, settings.speech)
            reading = read(heard.passages, heard.language, settings.speech)
        with meter.part("voice measures, pitch"):
            observe(_voice(samples, runs, probabilities, reading), settings.speech)
    if reading.transcript is None:
        raise RuntimeError("nothing was understood in the recording")
    return meter.parts, reading.transcript


def _recognize(
    samples: Samples, settings: SpeechSettings
) -> tuple[tuple[Span, ...], NDArray[np.float32], Heard]:
    probabilities = speech_probabilities(samples)
    runs = runs_of_speech(
        probabilities, settings.speech_threshold, settings.silence_threshold, settings.min_pause
    )
    groups = plan_groups(runs, probabilities)
    return runs, probabilities, transcribe(samples, groups, settings, lambda _: None)


def _voice(
    samples: Samples, runs: tuple[Span, ...], probabilities: NDArray[np.float32], reading: Reading
) -> Voice:
    return Voice(
        runs=runs,
        heard=reading.heard,
        words=reading.words,
        word_reason=None if reading.transcript else reading.reason,
        probabilities=probabilities,
        levels=measure_levels(samples),
        pitches=track_pitch(samples, runs),
    )


def _samples(path: Path) -> Samples:
    count = path.stat().st_size // 2 // WINDOW * WINDOW
    return np.memmap(path, dtype="<i2", mode="r", shape=(count,))


def _seeing(recording: Path) -> list[Part]:
    cv2.setNumThreads(1)
    settings, meter = AnalysisSettings(), Meter()
    sampling = Sampling(
        settings.face_rate, settings.face_side, settings.longest_seconds, settings.decode_threads
    )
    warm_up = list(islice(pictures(recording, sampling), WARM_UP_PICTURES))
    with meter.part("decode and sample pictures"):
        taken = list(pictures(recording, sampling))
    with held_back():
        sightings = _follow_face(taken, warm_up, settings, meter)
    _count_people(taken, warm_up, settings, meter)
    with meter.part("face observables"):
        track = build_track(sightings, taken[-1].time, settings)
        observe_face(track, settings)
    return meter.parts


def _follow_face(
    taken: list[Picture], warm_up: list[Picture], settings: AnalysisSettings, meter: Meter
) -> list[Sighting]:
    model = face_model(settings.face_model)
    with MediapipeFaces(model, settings.face_threshold) as faces:
        for picture in warm_up:
            faces.see(picture.time, picture.pixels)
    with MediapipeFaces(model, settings.face_threshold) as faces, meter.part("face mesh"):
        return [Sighting(each.time, faces.see(each.time, each.pixels)) for each in taken]


def _count_people(
    taken: list[Picture], warm_up: list[Picture], settings: AnalysisSettings, meter: Meter
) -> None:
    people = CenterfacePeople(
        people_model(settings.people_model),
        side=settings.people_side,
        threshold=settings.people_threshold,
        threads=settings.people_threads,
    )
    people.count(warm_up[0].pixels)
    grid = SamplingGrid(settings.people_rate)
    with meter.part("people detector"):
        for picture in taken:
            if grid.takes(picture.time):
                people.count(picture.pixels)


def _judging(transcript: Transcript, question: Question) -> list[Part]:
    meter, embedder = Meter(), MiniLmEmbedder(MiniLmFiles.found())
    bank = make_bank(embedder.embed(bank_texts()))
    weighed = (Competency(name=name, weight=weight) for name, weight in question.competencies.items())
    task = Task(question=question.text, competencies=tuple(weighed), transcript=transcript)
    with meter.part("judge's embeddings and rules"):
        judge_answer(task, embedder, bank)
    return meter.parts
