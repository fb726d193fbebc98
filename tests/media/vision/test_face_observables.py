"""What is measured about a face through an answer, and when it is null instead."""

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.faces import absence, face, faces, nobody, track
from vivavoce.contracts import FaceSample, FaceTrack, NullReason, Observable
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.face_observables import UNITS, face_reason, observe_face

SETTINGS = AnalysisSettings()


def observed(samples: Sequence[FaceSample], *, calibrated: bool = True) -> dict[str, Observable]:
    return {each.name: each for each in observe_face(track(samples, calibrated=calibrated), SETTINGS)}


def looking(pattern: str) -> list[FaceSample]:
    """F faces the camera, - looks away, x is no face; five letters per second."""
    meaning: dict[str, FaceSample] = {
        "F": face(0.0, facing=True),
        "-": face(0.0, facing=False),
        "x": nobody(0.0),
    }
    return [meaning[letter].model_copy(update={"time": n / 5}) for n, letter in enumerate(pattern)]


def test_shares_are_of_time_with_a_visible_face() -> None:
    measured = observed(looking("FFFFFFFFFFFFFFF-----xxxxxxxxxxxxxxxxxxxx"))
    assert measured["face_visible_share"].value == 0.5
    assert measured["camera_facing_share"].value == 0.75


def test_the_longest_run_names_its_seconds() -> None:
    run = observed(looking("FF---FFFFFFFFFF-----FFFFF"))["longest_facing_run"]
    assert (run.value, run.start, run.end) == (2.0, 1.0, 3.0)


def test_nobody_there_is_null_for_the_face_but_not_for_its_share() -> None:
    measured = observed(absence(10))
    assert measured["face_visible_share"].value == 0.0
    assert measured["camera_facing_share"].value is None
    assert measured["camera_facing_share"].reason is NullReason.NO_VISIBLE_FACE
    assert measured["head_movement"].reason is NullReason.NO_VISIBLE_FACE


def test_without_calibration_only_what_needs_it_is_null() -> None:
    measured = observed(faces(10), calibrated=False)
    assert measured["camera_facing_share"].reason is NullReason.NOT_CALIBRATED
    assert measured["longest_facing_run"].reason is NullReason.NOT_CALIBRATED
    assert measured["mouth_open_share"].value == 0.0


def test_a_face_that_flashes_by_is_too_little() -> None:
    measured = observed([*faces(1), *absence(9, start=1.0)])
    assert measured["camera_facing_share"].reason is NullReason.INSUFFICIENT_FACE_TIME


@pytest.mark.parametrize("missing", [None, track([])])
def test_no_video_makes_everything_null(missing: FaceTrack | None) -> None:
    measured = observe_face(missing, SETTINGS)
    assert {each.name for each in measured} == set(UNITS)
    assert {each.reason for each in measured} == {NullReason.NO_VIDEO}
    assert face_reason(missing, SETTINGS) is NullReason.NO_VIDEO


def test_a_still_head_is_steady_and_does_not_move() -> None:
    measured = observed(faces(10))
    assert (measured["head_movement"].value, measured["head_steadiness"].value) == (0.0, 1.0)


def test_movement_is_degrees_per_second() -> None:
    swaying = [face(n / 5, yaw=(n % 2) * 6.0) for n in range(51)]
    measured = observed(swaying)
    assert measured["head_movement"].value == pytest.approx(30.0)
    assert measured["head_steadiness"].value == 0.0


def dense(seconds: float, shut: Collection[float] = ()) -> list[FaceSample]:
    """A face in 12.5 pictures per second whose lids are down in those at these seconds."""
    return [
        face(n * 0.08, blink=0.6 if round(n * 0.08, 2) in shut else 0.1) for n in range(int(seconds / 0.08))
    ]


def test_blinks_are_a_rate_per_minute_of_visible_face() -> None:
    samples = dense(15, shut={2.0, 5.04, 5.12})
    assert observed(samples)["blink_rate"].value == pytest.approx(8.0, abs=0.1)


def test_a_blink_rate_needs_ten_seconds() -> None:
    assert observed(dense(9))["blink_rate"].reason is NullReason.INSUFFICIENT_FACE_TIME


def test_pictures_too_far_apart_for_blinks_give_no_rate() -> None:
    assert observed(faces(15))["blink_rate"].reason is NullReason.UNAVAILABLE


def test_an_open_mouth_is_a_share_of_time() -> None:
    samples = [*faces(5, {"mouth_open": 0.4}), *faces(5, start=5.0)]
    assert observed(samples)["mouth_open_share"].value == 0.5


def test_people_are_the_most_and_the_median_of_counted_pictures() -> None:
    counts = [1, None, 1, None, 3, None, 0, None, 1]
    measured = observed([nobody(n / 5, people=count) for n, count in enumerate(counts)])
    assert (measured["people_max"].value, measured["people_count_median"].value) == (3.0, 1.0)


def test_people_that_were_never_counted_are_null() -> None:
    assert observed(faces(5))["people_max"].reason is NullReason.UNAVAILABLE


def test_pictures_at_uneven_distances_weigh_by_their_time() -> None:
    slow = [face(float(n), facing=True) for n in range(5)]
    fast = [face(5 + n / 25, facing=False) for n in range(125)]
    assert observed([*slow, *fast])["camera_facing_share"].value == pytest.approx(0.5, abs=0.02)


@given(st.text(alphabet="F-x", min_size=1, max_size=120))
def test_every_share_is_a_share_and_every_null_has_a_reason(pattern: str) -> None:
    for each in observed(looking(pattern)).values():
        assert (each.value is None) == (each.reason is not None)
        assert each.unit == UNITS[each.name]
        if each.unit == "share" and each.value is not None:
            assert 0.0 <= each.value <= 1.0


@given(st.text(alphabet="F-", min_size=10, max_size=120))
def test_the_longest_run_is_no_longer_than_all_facing_time(pattern: str) -> None:
    measured = observed(looking(pattern))
    run, share, span = (
        measured[name] for name in ("longest_facing_run", "camera_facing_share", "face_visible_share")
    )
    assert run.value is not None
    assert share.value is not None
    assert span.end is not None
    assert run.value <= share.value * span.end + 0.01
    assert run.value == pytest.approx(max(map(len, pattern.split("-"))) / 5, abs=0.01)
