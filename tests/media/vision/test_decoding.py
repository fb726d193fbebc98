"""One decode pass gives pictures by presentation time and sound that lies where it was heard."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.made_recordings import make_recording, turn
from tests.support.shared import shared_path
from tests.support.videos import plain, tone, write_recording
from vivavoce.media.adapters.decoding import Sampling, UndecodableRecording, pictures, write_sound

HOUR = 3_600.0


def times(path: Path, rate: float = 5.0, until: float = HOUR) -> list[float]:
    return [each.time for each in pictures(path, Sampling(rate, 480, until))]


def sound(path: Path, until: float = HOUR) -> NDArray[np.int16]:
    target = BytesIO()
    end = write_sound(path, target, until)
    samples = np.frombuffer(target.getvalue(), dtype="<i2")
    assert len(samples) == round((end or 0.0) * 16_000)
    return samples


def loud_seconds(samples: NDArray[np.int16]) -> list[bool]:
    tenths = samples[: len(samples) // 1_600 * 1_600].reshape(-1, 1_600)
    return [bool(np.abs(tenth).max() > 3_000) for tenth in tenths]


def even(seconds: float, rate: int = 25) -> list[tuple[float, NDArray[np.uint8]]]:
    return [(n / rate, plain(100 + n % 50)) for n in range(int(seconds * rate))]


def test_pictures_come_at_the_rate(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", even(3))
    assert times(path) == pytest.approx([n / 5 for n in range(15)], abs=0.05)


def test_uneven_pictures_are_taken_by_their_presentation_time(tmp_path: Path) -> None:
    shown = [*even(1), (2.5, plain(10)), (6.0, plain(20)), *((6.04 + n / 25, plain(30)) for n in range(25))]
    taken = times(write_recording(tmp_path / "a.mkv", shown))
    assert taken[:7] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 2.5, 6.0], abs=0.05)
    assert min(after - before for before, after in pairwise(taken)) > 0.1


def test_pictures_that_outgrow_the_bound_are_left_out(tmp_path: Path) -> None:
    parts = [
        make_recording(tmp_path / f"{width}.ts", video="mpeg2video", audio=None, size=(width, height))
        for width, height in ((320, 240), (1280, 720), (320, 240))
    ]
    path = tmp_path / "grown.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    taken = {bound: list(pictures(path, Sampling(5, 480, HOUR, 1, bound))) for bound in (100_000, 1_000_000)}
    assert {each.pixels.shape for each in taken[1_000_000]} == {(240, 320, 3), (270, 480, 3)}
    assert {each.pixels.shape for each in taken[100_000]} == {(240, 320, 3)}
    assert len(taken[100_000]) == pytest.approx(len(taken[1_000_000]) * 2 / 3, abs=2)


def test_pictures_are_upright_and_small(tmp_path: Path) -> None:
    wide = np.zeros((360, 720, 3), dtype=np.uint8)
    wide[:, :360] = 255
    path = turn(write_recording(tmp_path / "a.mp4", [(n / 25, wide) for n in range(5)]), 90)
    picture = next(iter(pictures(path, Sampling(5, 240, HOUR))))
    assert picture.pixels.shape == (240, 120, 3)
    assert picture.pixels[:100].min() > 200
    assert picture.pixels[140:].max() < 50


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", even(0.2))
    assert next(iter(pictures(path, Sampling(5, 480, HOUR)))).pixels.shape == (96, 128, 3)


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", even(4), tone(4))
    assert max(times(path, until=2.0)) <= 2.0
    assert len(sound(path, until=2.0)) == 32_000


def test_sound_that_begins_late_lies_where_it_is_heard(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", even(4), tone(2), sound_starts=1.5)
    heard = loud_seconds(sound(path))
    assert not any(heard[:14])
    assert all(heard[16:33])


def test_pictures_that_begin_late_have_late_times(tmp_path: Path) -> None:
    late = [(1.0 + time, pixels) for time, pixels in even(1)]
    path = write_recording(tmp_path / "a.mkv", late, tone(2))
    assert times(path)[0] == pytest.approx(1.0, abs=0.05)


def test_a_recording_may_lack_sound_or_pictures(tmp_path: Path) -> None:
    mute = write_recording(tmp_path / "mute.mp4", even(1))
    blind = write_recording(tmp_path / "blind.m4a", sound=tone(1))
    target = BytesIO()
    assert write_sound(mute, target, HOUR) is None
    assert target.getvalue() == b""
    assert times(blind) == []
    assert len(sound(blind)) > 14_000


def test_damage_in_the_middle_costs_only_what_is_damaged(tmp_path: Path) -> None:
    noise = np.random.default_rng(1)
    shown = [(n / 25, noise.integers(0, 255, (96, 128, 3), dtype=np.uint8)) for n in range(150)]
    path = write_recording(tmp_path / "a.mp4", shown, tone(6))
    content = bytearray(path.read_bytes())
    middle, length = len(content) // 2, len(content) // 10
    content[middle : middle + length] = noise.integers(0, 255, length, dtype=np.uint8).tobytes()
    path.write_bytes(content)
    taken = times(path)
    assert [time for time in taken if time < 2.4] == pytest.approx([n / 5 for n in range(12)], abs=0.05)
    assert len([time for time in taken if time > 4.2]) >= 7
    assert len(sound(path)) == pytest.approx(96_000, abs=3_200)
    heard = loud_seconds(sound(path))
    assert all(heard[1:25])
    assert all(heard[45:58])


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no recording" * 100)
    with pytest.raises(UndecodableRecording):
        list(pictures(path, Sampling(5, 480, HOUR)))
    with pytest.raises(UndecodableRecording):
        write_sound(path, BytesIO(), HOUR)


def test_recordings_joined_end_to_end_go_on(tmp_path: Path) -> None:
    joined = tmp_path / "joined.mpg"
    one = shared_path("media/grid_lbax4n.mpg").read_bytes()
    joined.write_bytes(one + one + one)
    assert times(joined) == pytest.approx([n / 5 for n in range(45)], abs=0.1)
    assert len(sound(joined)) / 16_000 == pytest.approx(8.95, abs=0.1)


def test_sound_after_the_start_of_a_real_recording_is_aligned() -> None:
    samples = sound(shared_path("media/pyfeat_face_noface.mov"))
    assert np.abs(samples[: int(2.3 * 16_000)]).max() == 0
    assert np.abs(samples[int(2.6 * 16_000) :]).max() > 1_000
