"""The demo's films, whose blinks and looks aside are drawn at known times, from picture to event."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import cast

import pytest

from vivavoce.contracts import FaceTrack, Observable
from vivavoce.media.adapters.analysis import look
from vivavoce.media.adapters.decoding import MAX_PIXELS
from vivavoce.media.adapters.lanes import Lanes
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.blinks import blink_times
from vivavoce.media.face_observables import observe_face
from vivavoce.media.face_track import Sighting, build_track
from vivavoce.proctoring.gaze import looking_away
from vivavoce.proctoring.thresholds import Thresholds
from vivavoce.samples import motion
from vivavoce.samples.interview import make_interview
from vivavoce.samples.script import ANSWERS, GOOD, RAMBLING, Answer

pytestmark = pytest.mark.slow

DENSE = AnalysisSettings(face_rate=12.5, people_rate=0.1)
USUAL = AnalysisSettings(people_rate=0.1)
ONE_PERIOD = 0.2
Watch = Callable[[Answer, AnalysisSettings], FaceTrack]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_interview(folder)
    return folder


@pytest.fixture(scope="module")
def watch(films: Path) -> Iterator[Watch]:
    lanes = Lanes(niceness=5, sealed=True)

    @lru_cache
    def seen(answer: Answer, settings: AnalysisSettings) -> FaceTrack:
        work = {"seeing": (look, (films / f"{answer.name}.mp4", settings, 40.0, MAX_PIXELS))}
        sightings, _ = cast(
            "tuple[tuple[Sighting, ...], object]", lanes.run(work, lambda share: None)["seeing"]
        )
        track = build_track(sightings, sightings[-1].time + 0.04, settings)
        assert track is not None
        return track

    yield seen
    lanes.kill()


def measured(track: FaceTrack, settings: AnalysisSettings) -> dict[str, Observable]:
    return {each.name: each for each in observe_face(track, settings)}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_every_drawn_blink_is_counted_and_nothing_else(watch: Watch, answer: Answer) -> None:
    track = watch(answer, DENSE)
    drawn = motion.blink_times(track.duration, seed=len(answer.name))
    lids = [each.blink or 0.0 for each in track.samples]
    found = blink_times([each.time for each in track.samples], lids, DENSE.closed_eyes)
    assert found == pytest.approx(drawn, abs=ONE_PERIOD)
    rate = measured(track, DENSE)["blink_rate"].value
    assert rate == pytest.approx(60 * len(drawn) / track.duration, rel=0.01)


def test_looks_aside_are_events_within_half_a_second(watch: Watch) -> None:
    events = looking_away(watch(RAMBLING, USUAL), Thresholds())
    assert [time for event in events for time in (event.start, event.end)] == pytest.approx(
        [time for span in RAMBLING.away for time in span], abs=0.5
    )


def test_looks_aside_are_given_as_degrees_off_the_camera(watch: Watch) -> None:
    for event in looking_away(watch(RAMBLING, USUAL), Thresholds()):
        assert abs(event.values["degrees_off_sideways"]) > 1.5 * event.values["tolerance_degrees"]
        assert abs(event.values["degrees_off_upwards"]) < event.values["tolerance_degrees"] / 2


def test_who_never_looks_aside_has_no_event(watch: Watch) -> None:
    assert looking_away(watch(GOOD, USUAL), Thresholds()) == ()


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_a_mouth_that_speaks_opens(watch: Watch, answer: Answer) -> None:
    share = measured(watch(answer, USUAL), USUAL)["mouth_open_share"].value
    assert share is not None
    assert 0.2 < share < 0.8
