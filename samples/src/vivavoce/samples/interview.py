"""Makes the demo interview's films, and the manifest that says what is in them."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2

from vivavoce.chassis.offline import seal
from vivavoce.samples.film import write_film
from vivavoce.samples.motion import mouth_openings, poses
from vivavoce.samples.portrait import Portrait
from vivavoce.samples.script import ANSWERS, POSITION, Answer
from vivavoce.samples.speech import read_wave, speak

PICTURES_PER_SECOND = 25
CLOSING_SECONDS = 0.4


def make_answer(answer: Answer, folder: Path) -> dict[str, Any]:
    """Make one answer's film unless it is there, and describe it for the manifest.

    It takes the network from its process for good, for MediaPipe would report its usage.
    """
    seal()
    cv2.setNumThreads(1)
    film, sound_file = folder / f"{answer.name}.mp4", folder / f"{answer.name}.wav"
    if not sound_file.is_file():
        speak(answer.sentences, sound_file)
    sound, rate = read_wave(sound_file)
    duration = len(sound) / rate + CLOSING_SECONDS
    if not film.is_file():
        count = round(duration * PICTURES_PER_SECOND)
        openings = mouth_openings(sound, rate, count, PICTURES_PER_SECOND)
        portrait = Portrait()
        drawn = map(portrait.draw, poses(openings, PICTURES_PER_SECOND, answer.away, seed=len(answer.name)))
        unfinished = film.with_suffix(".part.mp4")
        write_film(unfinished, drawn, PICTURES_PER_SECOND, sound, rate)
        unfinished.rename(film)
    return {
        "name": answer.name,
        "file": str(film),
        "questionId": answer.question_id,
        "question": answer.question,
        "text": " ".join(answer.sentences),
        "duration": duration,
        "away": answer.away,
    }


def make_interview(folder: Path) -> dict[str, Any]:
    """Make every answer, each in a process of its own, and return the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(len(ANSWERS), mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(make_answer, ANSWERS, [folder] * len(ANSWERS)))
    return {"position": POSITION, "answers": answers}
