"""The rules beside fetching and probing: when to try again, what to tell, what to tidy up."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.facts import ANSWER, INTERVIEW, NOON
from tests.support.media_rig import Audience
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.contracts import Probe, Stage
from vivavoce.media.fetching import retry_delay, validator
from vivavoce.media.limits import AnalysisLimits, RetryLimits
from vivavoce.media.probing import media_type
from vivavoce.media.progress import ProgressReporter
from vivavoce.media.workspace import Workspace

LIMITS = RetryLimits(fetch_tries=6, fetch_first_delay=2.0, fetch_longest_delay=10.0, fetch_patience=100.0)
DAY = timedelta(days=1).total_seconds()


def test_delays_double_up_to_the_longest() -> None:
    delays = [retry_delay(LIMITS, attempts, waited=0.0) for attempts in range(1, 7)]
    assert delays == [2.0, 4.0, 8.0, 10.0, 10.0, None]


def test_no_try_begins_after_patience_has_ended() -> None:
    assert retry_delay(LIMITS, 1, waited=98.0) == 2.0
    assert retry_delay(LIMITS, 1, waited=98.1) is None


@pytest.mark.parametrize(
    ("headers", "proof"),
    [
        ({"ETag": '"a"', "Last-Modified": "yesterday"}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "yesterday"}, "yesterday"),
        ({"ETag": 'W/"a"'}, None),
        ({}, None),
    ],
)
def test_only_a_strong_tag_or_a_date_proves_that_parts_belong_together(
    headers: dict[str, str], proof: str | None
) -> None:
    assert validator(headers) == proof


@pytest.mark.parametrize(
    ("container", "video", "expected"),
    [
        ("mov,mp4,m4a,3gp,3g2,mj2", "h264", "video/mp4"),
        ("mov,mp4,m4a,3gp,3g2,mj2", None, "audio/mp4"),
        ("matroska,webm", "vp8", "video/x-matroska"),
        ("caf", None, "audio/x-caf"),
    ],
)
def test_the_media_type_follows_from_the_content(container: str, video: str | None, expected: str) -> None:
    assert media_type(Probe(duration=1.0, container=container, video_codec=video)) == expected


def test_the_time_for_an_analysis_grows_with_the_recording() -> None:
    limits = AnalysisLimits(analysis_base_timeout=100.0, analysis_timeout_share=2.0)
    assert limits.time_for(60.0) == 220.0


async def test_progress_is_told_at_most_once_a_second_but_always_at_the_end() -> None:
    audience, clock = Audience(), ManualClock(NOON)
    report = ProgressReporter(audience, clock).begin(Context("o", "c"), INTERVIEW, ANSWER, Stage.FETCHING)
    for share in (0.1, 0.2, 0.3):
        report(share)
    await clock.advance(timedelta(seconds=1))
    for share in (0.4, 0.5, 1.0, 1.0, 1.2):
        report(share)
    await asyncio.sleep(0)
    assert [told.share for told in audience.heard] == [0.0, 0.4, 1.0]


def test_a_folder_goes_with_its_block(tmp_path: Path) -> None:
    with Workspace(str(tmp_path / "work")).folder() as folder:
        (folder / "recording").write_bytes(b"x")
    assert list((tmp_path / "work").iterdir()) == []


def test_only_old_folders_of_killed_processes_are_swept(tmp_path: Path) -> None:
    for name in ("recording-old", "recording-new", "something-else"):
        (tmp_path / name).mkdir()
    for name in ("recording-old", "something-else"):
        os.utime(tmp_path / name, (NOON.timestamp() - DAY, NOON.timestamp() - DAY))
    Workspace(str(tmp_path)).sweep()
    assert {path.name for path in tmp_path.iterdir()} == {"recording-new", "something-else"}


def test_a_folder_that_goes_while_it_is_looked_at_does_not_stop_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "recording-gone").symlink_to(tmp_path / "nowhere")
    Workspace(str(tmp_path)).sweep()


def test_sweeping_before_the_first_recording_does_nothing(tmp_path: Path) -> None:
    Workspace(str(tmp_path / "not there yet")).sweep()
    assert not (tmp_path / "not there yet").exists()
