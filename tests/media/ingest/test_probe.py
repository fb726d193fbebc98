"""What a file is, is found in its content: not in its name, its header's claims or its manners."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.lane_work import open_sockets
from tests.support.made_recordings import claim_duration, make_recording, turn
from vivavoce.chassis.errors import DeadlineExceeded, WorkerDied
from vivavoce.chassis.offload import Offload, tell
from vivavoce.contracts import Probe, RejectionReason
from vivavoce.media.adapters import av_probe
from vivavoce.media.adapters.av_probe import AvProber, inspect
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.app import Processes
from vivavoce.media.limits import ProbeLimits
from vivavoce.media.probing import judge
from vivavoce.media.rejection import Rejected
from vivavoce.media.settings import MediaSettings

LIMITS = ProbeLimits(max_duration=10.0, max_long_side=256, max_short_side=128, probe_timeout=20.0)
Make = Callable[[Path], Path]


def probe(path: Path) -> Probe:
    return judge(inspect(str(path), LIMITS), LIMITS)


def without_end(path: Path, share: float = 0.5) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def written(content: bytes) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "file.mp4"
        path.write_bytes(content)
        return path

    return make


def recording(name: str, **options: Any) -> Make:
    def make(folder: Path) -> Path:
        return make_recording(folder / name, **options)

    return make


FRAGMENTED = {"movflags": "frag_keyframe+empty_moov"}
INDEX_FIRST = {"movflags": "faststart"}
USABLE: dict[str, Make] = {
    "MP4": recording("a.mp4"),
    "MP4 with its index first": recording("a.mp4", options=INDEX_FIRST),
    "MP4 in fragments": recording("a.mp4", options=FRAGMENTED),
    "QuickTime": recording("a.mov"),
    "Matroska": recording("a.mkv"),
    "WebM": recording("a.webm", video="libvpx", audio="libopus"),
    "AVI": recording("a.avi", audio="mp2"),
    "MPEG transport stream": recording("a.ts", video="mpeg2video", audio="mp2"),
}
REFUSED: dict[str, tuple[Make, RejectionReason]] = {
    "a web page": (
        written(b"<!doctype html><html><body>" + b"<p>Please log in.</p>" * 500),
        RejectionReason.NOT_MEDIA,
    ),
    "text": (written(b"not found\n" * 100), RejectionReason.NOT_MEDIA),
    "JSON": (written(b'{"error": "expired"}'), RejectionReason.NOT_MEDIA),
    "zeros": (written(bytes(100_000)), RejectionReason.NOT_MEDIA),
    "one byte": (written(b"x"), RejectionReason.NOT_MEDIA),
    "a playlist of other files": (
        written(b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
        RejectionReason.NOT_MEDIA,
    ),
    "a script of other files": (
        written(b"ffconcat version 1.0\nfile recording.wav\n"),
        RejectionReason.NOT_MEDIA,
    ),
    "an MP4 that ends before its index": (
        lambda folder: without_end(make_recording(folder / "a.mp4")),
        RejectionReason.TRUNCATED,
    ),
    "an MP4 that ends after its index": (
        lambda folder: without_end(make_recording(folder / "a.mp4", options=INDEX_FIRST), 0.7),
        RejectionReason.TRUNCATED,
    ),
    "a Matroska file that ends early": (
        lambda folder: without_end(make_recording(folder / "a.mkv", seconds=8), 0.4),
        RejectionReason.TRUNCATED,
    ),
    "a photo": (recording("a.jpg", video="mjpeg", audio=None, seconds=0.1), RejectionReason.STILL_PICTURE),
    "a screenshot": (recording("a.png", video="png", audio=None, seconds=0.1), RejectionReason.STILL_PICTURE),
    "a film of one picture": (recording("a.mp4", audio=None, seconds=0.1), RejectionReason.STILL_PICTURE),
    "a long recording": (recording("a.mp4", seconds=12), RejectionReason.TOO_LONG),
    "a long recording that claims to be short": (
        lambda folder: claim_duration(make_recording(folder / "a.mkv", seconds=12), 2.0),
        RejectionReason.TOO_LONG,
    ),
    "a long sound": (recording("a.mp3", video=None, audio="mp3", seconds=12), RejectionReason.TOO_LONG),
    "a wide picture": (recording("a.mp4", size=(320, 48)), RejectionReason.RESOLUTION_TOO_HIGH),
    "a picture large both ways": (recording("a.mp4", size=(192, 192)), RejectionReason.RESOLUTION_TOO_HIGH),
}


@pytest.mark.parametrize("make", USABLE.values(), ids=USABLE.keys())
def test_recordings_of_usual_formats_are_accepted(tmp_path: Path, make: Make) -> None:
    found = probe(make(tmp_path))
    assert found.duration == pytest.approx(3.0, abs=0.3)
    assert (found.width, found.height, found.rotation) == (64, 48, 0)
    assert found.audio_codec is not None
    assert (found.sample_rate, found.channels) in {(16_000, 1), (48_000, 1)}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_refused_for_its_reason(tmp_path: Path, make: Make, reason: RejectionReason) -> None:
    with pytest.raises(Rejected) as caught:
        probe(make(tmp_path))
    assert caught.value.reason is reason


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.m4a", "a.ogg", "a.flac"])
def test_sound_alone_is_accepted(tmp_path: Path, name: str) -> None:
    codec = {"a.wav": "pcm_s16le", "a.mp3": "mp3", "a.ogg": "libopus", "a.flac": "flac"}.get(name, "aac")
    found = probe(make_recording(tmp_path / name, video=None, audio=codec))
    assert (found.video_codec, found.width) == (None, None)
    assert found.duration == pytest.approx(3.0, abs=0.2)


def test_a_silent_film_is_accepted(tmp_path: Path) -> None:
    found = probe(make_recording(tmp_path / "a.mp4", audio=None))
    assert (found.video_codec, found.audio_codec) == ("mpeg4", None)


def test_a_portrait_of_the_largest_size_is_accepted(tmp_path: Path) -> None:
    assert probe(make_recording(tmp_path / "a.mp4", size=(128, 256))).height == 256


@pytest.mark.parametrize(
    ("degrees", "size"), [(0, (64, 48)), (90, (48, 64)), (180, (64, 48)), (270, (48, 64))]
)
def test_the_size_is_that_of_the_upright_picture(tmp_path: Path, degrees: int, size: tuple[int, int]) -> None:
    found = probe(turn(make_recording(tmp_path / "a.mp4"), degrees))
    assert (found.rotation, (found.width, found.height)) == (degrees, size)


def test_the_name_says_nothing_about_the_content(tmp_path: Path) -> None:
    renamed = shutil.copy(make_recording(tmp_path / "a.mp4"), tmp_path / "a.jpg")
    assert probe(Path(renamed)).video_codec == "mpeg4"


def test_a_claim_to_be_longer_than_it_is_means_that_something_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        probe(claim_duration(make_recording(tmp_path / "a.mkv"), 9.0))
    assert caught.value.reason is RejectionReason.TRUNCATED


@pytest.fixture(scope="module")
async def offload() -> AsyncIterator[Offload]:
    made = Offload(1)
    yield made
    await made.close()


async def test_files_are_probed_in_another_process(offload: Offload, tmp_path: Path) -> None:
    prober = AvProber(offload, LIMITS)
    assert (await prober.probe(make_recording(tmp_path / "a.mp4"))).video_codec == "mpeg4"
    with pytest.raises(Rejected) as caught:
        await prober.probe(written(b"<html>")(tmp_path))
    assert caught.value.reason is RejectionReason.NOT_MEDIA


class Failing(Offload):
    """Processes that always end in one way."""

    def __init__(self, error: Exception) -> None:
        super().__init__(1)
        self.error = error

    async def run(self, *_: object, **__: object) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DeadlineExceeded("too slow"), RejectionReason.TIMEOUT),
        (WorkerDied("crashed"), RejectionReason.ANALYSIS_FAILED),
    ],
)
async def test_a_check_that_hangs_or_crashes_says_so_instead_of_blaming_the_file(
    tmp_path: Path, error: Exception, reason: RejectionReason
) -> None:
    with pytest.raises(Rejected) as caught:
        await AvProber(Failing(error), LIMITS).probe(tmp_path / "file")
    assert caught.value.reason is reason
    assert "submit it again" in caught.value.message


@pytest.mark.parametrize(("sealed", "network"), [(True, False), (False, True)])
async def test_files_are_probed_without_a_network_unless_an_operator_wants_it(
    sealed: bool, network: bool
) -> None:
    processes = Processes(MediaSettings(analysis=AnalysisSettings(sealed=sealed)))
    try:
        opened = await processes.probing.run(open_sockets, tell, within=30.0)
    finally:
        await processes.probing.close()
    assert opened == [network, network, True]


def test_too_many_pictures_are_blamed_on_the_frame_rate(tmp_path: Path) -> None:
    slow = LIMITS.model_copy(update={"max_frame_rate": 1.0})
    path = make_recording(tmp_path / "a.mp4")
    with pytest.raises(Rejected, match=r"24 pictures, .* frame rate of 1 per second") as caught:
        judge(inspect(str(path), slow), slow)
    assert caught.value.reason is RejectionReason.TOO_LONG


@pytest.mark.parametrize(("limits", "decoded"), [(ProbeLimits(), True), (LIMITS, False)])
def test_a_larger_picture_than_its_header_says_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: ProbeLimits, decoded: bool
) -> None:
    monkeypatch.setattr(av_probe, "_too_large", lambda *_: False)
    path = make_recording(tmp_path / "a.ts", video="mpeg2video", audio=None, size=(640, 480))
    found = inspect(str(path), limits)
    assert found.video is not None
    assert found.video.decoded is decoded


@pytest.mark.parametrize("sides", [(4096, 2160), (3840, 2160), (1000, 999), (64, 48)])
def test_the_bound_leaves_room_for_pictures_of_the_largest_size(sides: tuple[int, int]) -> None:
    limits = ProbeLimits(max_long_side=sides[0], max_short_side=sides[1])
    whole_blocks = -(-sides[0] // 64) * 64 * (-(-sides[1] // 64) * 64)
    assert whole_blocks <= limits.max_pixels <= max(1.3 * sides[0] * sides[1], 65_536)
