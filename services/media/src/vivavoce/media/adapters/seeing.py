"""Seeing: one recording's pictures decoded, searched for a face and counted, side by side."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import cv2

from vivavoce.chassis.model_calls import model_call
from vivavoce.media.adapters.centerface_people import CenterfacePeople, people_model
from vivavoce.media.adapters.decoding import MAX_PIXELS, Picture, Sampling, pictures
from vivavoce.media.adapters.mediapipe_faces import MediapipeFaces, face_model
from vivavoce.media.adapters.packaged_models import version_of
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.face_track import Sighting
from vivavoce.media.gaze import Face
from vivavoce.media.timeline import SamplingGrid

ITEM = TypeVar("ITEM")
PICTURES_AHEAD = 8
PICTURES_TO_COUNT = 4


def see(
    path: Path, settings: AnalysisSettings, on_time: Callable[[float], None], max_pixels: int = MAX_PIXELS
) -> tuple[Sighting, ...]:
    """What the sampled pictures of a recording show, in order of time; `on_time` hears each time.

    Decoding, following the face and counting people each have a thread: the libraries release the
    interpreter's lock while they work. Memory is bounded by the pictures that wait between them.
    Raises ModelMissing and UndecodableRecording.
    """
    cv2.setNumThreads(1)
    sampling = Sampling(
        settings.face_rate, settings.face_side, settings.longest_seconds, settings.decode_threads, max_pixels
    )
    seen: list[tuple[float, Face | None, Future[int] | None]] = []
    with (
        MediapipeFaces(face_model(settings.face_model), settings.face_threshold) as faces,
        ThreadPoolExecutor(1) as counter,
        closing(ahead(pictures(path, sampling), PICTURES_AHEAD)) as coming,
    ):
        ask = _Counting(counter, settings)
        with model_call("see", "mediapipe", version_of(face_model(settings.face_model))):
            for picture in coming:
                count = ask(picture)
                seen.append((picture.time, faces.see(picture.time, picture.pixels), count))
                on_time(picture.time)
    return tuple(Sighting(time, face, count.result() if count else None) for time, face, count in seen)


def seeing_models(settings: AnalysisSettings) -> dict[str, str]:
    """Which models see, by what they are for."""
    return {
        "face": version_of(face_model(settings.face_model)),
        "people": version_of(people_model(settings.people_model)),
    }


def ahead(source: Iterator[ITEM], depth: int) -> Generator[ITEM, None, None]:
    """The items of `source`, of which up to `depth` are made in another thread before they are needed."""
    with ThreadPoolExecutor(1) as executor:
        coming = deque(executor.submit(next, source, None) for _ in range(depth))
        while (item := coming.popleft().result()) is not None:
            coming.append(executor.submit(next, source, None))
            yield item


class _Counting:
    """Has people counted in `people_rate` pictures per second; waits when too many are pending."""

    def __init__(self, executor: ThreadPoolExecutor, settings: AnalysisSettings) -> None:
        self._executor = executor
        self._grid = SamplingGrid(settings.people_rate)
        self._pending: deque[Future[int]] = deque()
        self._people = CenterfacePeople(
            people_model(settings.people_model),
            side=settings.people_side,
            threshold=settings.people_threshold,
            threads=settings.people_threads,
        )

    def __call__(self, picture: Picture) -> Future[int] | None:
        if not self._grid.takes(picture.time):
            return None
        if len(self._pending) == PICTURES_TO_COUNT:
            self._pending.popleft().result()
        future = self._executor.submit(self._people.count, picture.pixels)
        self._pending.append(future)
        return future
