"""Real recordings with known truth: who is there, where they look, how many they are."""

import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import pytest

from tests.support.shared import shared_path
from tests.support.videos import pictures_of, write_recording
from vivavoce.contracts import FaceSample, FaceTrack, NullReason, Probe
from vivavoce.media.adapters.analysis import analyse, look
from vivavoce.media.adapters.decoding import MAX_PIXELS
from vivavoce.media.adapters.lanes import Lanes
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.blinks import blink_times
from vivavoce.media.face_observables import face_reason, observe_face
from vivavoce.media.face_track import Sighting, build_track

pytestmark = pytest.mark.slow

SETTINGS = AnalysisSettings()
DENSE = AnalysisSettings(face_rate=12.5, people_rate=0.1)
BLINKS: dict[str, list[float]] = {
    "grid_brbk7n.mpg": [0.86],
    "grid_lbax4n.mpg": [1.1],
    "grid_lrwp9a.mpg": [1.42],
    "grid_sbia1a.mpg": [],
    "grid_swiz3n.mpg": [],
    "pyfeat_single_face.mp4": [0.88],
    "pyfeat_WolfgangLanger_Pexels.mp4": [6.4, 8.45, 10.36, 12.03, 16.08, 17.8],
    "gaze_center_left_center.mp4": [],
}
"""When lids are seen to close and open again, by looking at the pictures."""


class Watch(Protocol):
    def __call__(self, path: Path, settings: AnalysisSettings = SETTINGS) -> FaceTrack: ...


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    lanes = Lanes(niceness=0, sealed=True)

    @lru_cache
    def seen(path: Path, settings: AnalysisSettings = SETTINGS) -> FaceTrack:
        results = lanes.run({"seeing": (look, (path, settings, 10.0, MAX_PIXELS))}, lambda share: None)
        sightings, models = cast("tuple[tuple[Sighting, ...], dict[str, str]]", results["seeing"])
        assert set(models) == {"face", "people"}
        track = build_track(sightings, sightings[-1].time, settings)
        assert track is not None
        return track

    yield seen
    lanes.kill()


def counts(track: FaceTrack) -> list[int]:
    return [each.people for each in track.samples if each.people is not None]


def facing_by_second(samples: Sequence[FaceSample]) -> dict[int, bool]:
    """Whether most samples of each second face the camera."""
    seconds: dict[int, list[bool]] = {}
    for each in samples:
        seconds.setdefault(int(each.time), []).append(each.facing is True)
    return {second: sum(flags) > len(flags) / 2 for second, flags in seconds.items()}


def test_a_face_that_leaves_is_visible_until_it_left(watch: Watch) -> None:
    samples = watch(shared_path("media/pyfeat_face_noface.mov")).samples
    assert all(each.visible for each in samples if each.time < 2.0)
    assert not any(each.visible for each in samples if each.time > 2.8)


def test_a_cartoon_is_nobody(watch: Watch) -> None:
    track = watch(shared_path("media/pyfeat_face_noface.mov"))
    assert {each.people for each in track.samples if each.time > 2.8 and each.people is not None} == {0}


def test_one_face_is_visible_in_every_sample(watch: Watch) -> None:
    track = watch(shared_path("media/pyfeat_single_face.mp4"))
    assert len(track.samples) == 12
    assert all(each.visible for each in track.samples)
    assert set(counts(track)) == {1}


def test_looking_aside_is_told_from_facing_the_camera_nearly_every_second(watch: Watch) -> None:
    track = watch(shared_path("media/gaze_center_left_center.mp4"))
    judged = facing_by_second(track.samples)
    right = [facing == (not 5 <= second < 10) for second, facing in judged.items() if second < 15]
    assert len(right) == 15
    assert sum(right) >= 0.9 * 15


def test_eyes_that_turn_to_the_candidates_right_have_negative_gaze(watch: Watch) -> None:
    samples = watch(shared_path("media/gaze_center_left_center.mp4")).samples
    aside = [each.gaze_x for each in samples if 6 < each.time < 10 and each.gaze_x is not None]
    straight = [each.gaze_x for each in samples if each.time < 5 and each.gaze_x is not None]
    assert max(aside) < -0.4 < 0 < min(straight)


def test_a_head_filmed_from_below_looks_up(watch: Watch) -> None:
    samples = watch(shared_path("media/gaze_center_left_center.mp4")).samples
    assert all(each.pitch is not None and each.pitch > 5 for each in samples)


def test_a_face_behind_a_hand_is_visible_most_of_the_time(watch: Watch) -> None:
    track = watch(shared_path("media/pyfeat_WolfgangLanger_Pexels.mp4"))
    visible = [each.visible for each in track.samples]
    assert sum(visible) > 0.8 * len(visible)


def test_eyes_that_are_closed_at_first_leave_facing_unjudged(watch: Watch) -> None:
    track = watch(shared_path("media/pyfeat_WolfgangLanger_Pexels.mp4"))
    measured = {each.name: each for each in observe_face(track, SETTINGS)}
    assert measured["camera_facing_share"].reason is NullReason.NOT_CALIBRATED
    assert measured["face_visible_share"].value is not None
    assert face_reason(track, SETTINGS) is NullReason.NOT_CALIBRATED


def test_a_group_of_five_counts_five(watch: Watch, tmp_path: Path) -> None:
    ((_, photo),) = pictures_of(shared_path("media/pyfeat_multi_face.jpg"))
    even = photo[: photo.shape[0] // 2 * 2, : photo.shape[1] // 2 * 2]
    held = [(n / 5, even) for n in range(15)]
    assert counts(watch(write_recording(tmp_path / "five.mp4", held))) == [5, 5, 5]


def test_two_people_side_by_side_count_two(watch: Watch, tmp_path: Path) -> None:
    left = pictures_of(shared_path("media/grid_lbax4n.mpg"))
    right = pictures_of(shared_path("media/grid_sbia1a.mpg"))
    both = [(time, np.hstack((one, other))) for (time, one), (_, other) in zip(left, right, strict=True)]
    assert counts(watch(write_recording(tmp_path / "two.mp4", both))) == [2, 2, 2]


@pytest.mark.parametrize("name", BLINKS)
def test_the_blinks_of_real_eyes_are_found(watch: Watch, name: str) -> None:
    samples = watch(shared_path(f"media/{name}"), DENSE).samples
    seen = [each for each in samples if each.visible]
    found = blink_times([each.time for each in seen], [each.blink or 0.0 for each in seen], 0.5)
    assert found == pytest.approx(BLINKS[name], abs=0.1)


def test_a_talking_mouth_opens(watch: Watch) -> None:
    track = watch(shared_path("media/grid_sbia1a.mpg"))
    measured = {each.name: each.value for each in observe_face(track, SETTINGS)}
    assert (measured["mouth_open_share"] or 0) > 0.3
    assert (measured["camera_facing_share"] or 0) > 0.9


def test_the_same_recording_gives_the_same_to_the_last_bit(watch: Watch, tmp_path: Path) -> None:
    path = Path(shutil.copy(shared_path("media/grid_swiz3n.mpg"), tmp_path))
    probe = Probe(duration=2.98, container="mpeg", video_codec="mpeg1video", audio_codec="mp2")
    told: list[float] = []
    first, second = (analyse(path, probe, SETTINGS, told.append) for _ in range(2))
    assert first.model_dump_json() == second.model_dump_json()
    assert first.face_track is not None
    assert first.face_track.samples == watch(path).samples
    assert first.transcript is not None
    assert {"face", "people", "transcript", "face_observables"} <= set(first.models)
    assert told[-1] == 1.0


def test_sound_without_pictures_says_so(tmp_path: Path) -> None:
    path = Path(shutil.copy(shared_path("media/pyaudio_count.wav"), tmp_path))
    probe = Probe(duration=5.868, container="wav", audio_codec="pcm_s16le")
    heard = analyse(path, probe, SETTINGS, lambda share: None)
    assert heard.face_track is None
    assert heard.face_reason is NullReason.NO_VIDEO
    assert heard.transcript is not None
    assert any(each.name == "people_max" and each.value is None for each in heard.observables)
