"""The three legacy face numbers. None reads an expression, and none counts towards a total."""

from collections.abc import Iterable

from vivavoce.contracts import DerivedScore, NullReason, Observable
from vivavoce.evaluation.derived import Formula, Inputs, derive
from vivavoce.evaluation.formulas import plateau, ramp

LONG_RUN = 8.0
"""Seconds facing the camera without a break that count in full."""


def _eye_contact(inputs: Inputs) -> float:
    return 100 * inputs["camera_facing_share"]


def _engagement(inputs: Inputs) -> float:
    visible = ramp(inputs["face_visible_share"], 0, 0.95)
    facing = ramp(inputs["camera_facing_share"], 0, 0.85)
    moving = plateau(inputs["head_movement"], -1, 1, 30, 90)
    return 100 * (0.4 * visible + 0.4 * facing + 0.2 * moving)


def _confidence(inputs: Inputs) -> float:
    steadiness = ramp(inputs["head_steadiness"], 0, 0.9)
    runs = ramp(inputs["longest_facing_run"], 0, LONG_RUN)
    return 100 * (0.5 * steadiness + 0.5 * runs)


FORMULAS = (
    Formula(
        name="eye_contact",
        unit="0-100",
        text="100 x camera_facing_share, which is of the time with a visible face, calibrated on this answer",
        needs=("camera_facing_share",),
        compute=_eye_contact,
    ),
    Formula(
        name="engagement",
        unit="0-100",
        text=(
            "100 x (0.4 ramp(face_visible_share, 0, 0.95) + 0.4 ramp(camera_facing_share, 0, 0.85)"
            " + 0.2 plateau(head_movement, -1, 1, 30, 90 deg/s))"
        ),
        needs=("face_visible_share", "camera_facing_share", "head_movement"),
        compute=_engagement,
    ),
    Formula(
        name="confidence",
        unit="0-100",
        text="100 x (0.5 ramp(head_steadiness, 0, 0.9) + 0.5 ramp(longest_facing_run, 0, 8 s))",
        needs=("head_steadiness", "longest_facing_run"),
        compute=_confidence,
    ),
)


def face_scores(observables: Iterable[Observable], missing: NullReason) -> tuple[DerivedScore, ...]:
    """eye_contact, engagement and confidence, each a number or null with a reason.

    `missing` is the reason of observables that weren't reported.
    """
    named = {observable.name: observable for observable in observables}
    return tuple(derive(formula, named, missing) for formula in FORMULAS)
