"""Moves a talking head: from sound and script to one pose per picture. Pure and repeatable."""

import math
import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vivavoce.samples.portrait import Pose

TURN_SECONDS = 0.3
AWAY_YAW = 20.0
BLINK_SECONDS = 0.24
BLINK_EVERY = (2.2, 5.0)
LOUD = 0.1


def mouth_openings(sound: NDArray[np.float32], rate: int, pictures: int, per_second: int) -> list[float]:
    """How far the mouth is open in each picture, 0-1, from the loudness around it."""
    half = rate // (2 * per_second)
    openings = []
    for index in range(pictures):
        centre = index * rate // per_second
        window = sound[max(centre - half, 0) : centre + half]
        loudness = float(np.sqrt(np.mean(window**2))) if len(window) else 0.0
        openings.append(min(loudness / LOUD, 1.0))
    smoothed = np.convolve(openings, (0.25, 0.5, 0.25), mode="same")
    return [float(value) for value in smoothed]


def away_share(time: float, spans: Sequence[tuple[float, float]]) -> float:
    """How far the head is turned aside at a time, 0-1; half way at the ends of each span."""
    share = 0.0
    for start, end in spans:
        turning = min((time - start) / TURN_SECONDS, (end - time) / TURN_SECONDS) + 0.5
        limited = min(max(turning, 0.0), 1.0)
        share = max(share, limited * limited * (3 - 2 * limited))
    return share


def blink_times(duration: float, seed: int) -> list[float]:
    """When the lids close, in seconds."""
    chance, times = random.Random(seed), []
    time = chance.uniform(*BLINK_EVERY)
    while time < duration:
        times.append(time)
        time += chance.uniform(*BLINK_EVERY)
    return times


def lids_closed(time: float, blinks: Sequence[float]) -> float:
    """How far the lids are closed at a time, 0-1."""
    nearest = min((abs(time - blink) for blink in blinks), default=BLINK_SECONDS)
    return max(0.0, 1 - (2 * nearest / BLINK_SECONDS) ** 2)


def poses(
    openings: Sequence[float], per_second: int, away: Sequence[tuple[float, float]], seed: int
) -> Iterator[Pose]:
    """One pose per picture: a talking, blinking, slightly swaying head that looks aside on cue."""
    blinks = blink_times(len(openings) / per_second, seed)
    for index, opening in enumerate(openings):
        time = index / per_second
        aside = away_share(time, away)
        yield Pose(
            mouth=opening,
            lids=lids_closed(time, blinks),
            gaze=0.9 * aside,
            yaw=1.5 * math.sin(0.9 * time) + AWAY_YAW * aside,
            roll=1.2 * math.sin(0.6 * time + 1),
        )
