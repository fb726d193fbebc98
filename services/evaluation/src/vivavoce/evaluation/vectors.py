"""Arithmetic on the vectors that stand for meanings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Texts as rows of numbers, each row of length 1 or 0."""


def likeness(rows: Vectors, target: Vectors) -> list[float]:
    """The cosine of every row with the one row of `target`, -1 to 1."""
    return [float(value) for value in rows.astype(np.float64) @ target.astype(np.float64).reshape(-1)]


def centre(rows: Vectors, weights: Sequence[float]) -> Vectors:
    """The weighted mean direction of the rows, of length 1; zeros when they cancel out or weigh nothing."""
    total = np.asarray(weights, dtype=np.float64) @ rows.astype(np.float64)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, dtype=np.float32)
