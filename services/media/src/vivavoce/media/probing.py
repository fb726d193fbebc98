"""The rules of what may be a recording, over what a look into the file has found."""

from vivavoce.contracts import Probe, RejectionReason, Value
from vivavoce.media.limits import ProbeLimits
from vivavoce.media.rejection import Rejected

STATED_TOLERANCE = 2.0
STATED_SHARE = 0.05
COUNTED_SHARE = 1.5
QUARTER_TURN = 90
MEDIA_TYPES = {
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "matroska,webm": "x-matroska",
    "avi": "x-msvideo",
    "mpeg": "mpeg",
    "mpegvideo": "mpeg",
    "mpegts": "mp2t",
    "ogg": "ogg",
    "wav": "wav",
    "mp3": "mpeg",
    "flac": "flac",
    "aac": "aac",
}


class VideoFound(Value):
    """The main video stream. Sizes are pixels as stored, `rotation` degrees clockwise to be upright."""

    codec: str
    width: int
    height: int
    rotation: int = 0
    average_rate: float | None = None
    pictures: int = 0
    decoded: bool = False


class AudioFound(Value):
    """The main audio stream. `counted` are the seconds that its packets hold, by their number."""

    codec: str
    sample_rate: int
    channels: int
    counted: float = 0.0
    decoded: bool = False


class Inspection(Value):
    """What was found in a file.

    `duration` is measured by the packets' times, in seconds; `last_end` also over other streams.
    `stated_duration` is what the container claims, where the format makes it a promise.
    `cut_off` says that the file ends inside of a part whose length it states.
    """

    container: str | None = None
    is_picture: bool = False
    cut_off: bool = False
    stated_duration: float | None = None
    duration: float = 0.0
    last_end: float = 0.0
    video: VideoFound | None = None
    audio: AudioFound | None = None


def judge(found: Inspection, limits: ProbeLimits) -> Probe:
    """The probe of a usable recording; raises Rejected with the reason for any other file."""
    video = found.video
    if video is not None:
        _refuse_still(found, video)
        _refuse_large(video, limits)
    _refuse_long(found, limits)
    _refuse_truncated(found)
    shown = video if video is not None and video.decoded and video.pictures > 1 else None
    heard = found.audio if found.audio is not None and found.audio.decoded else None
    if found.container is None or found.duration <= 0 or (shown is None and heard is None):
        raise Rejected(
            RejectionReason.NOT_MEDIA,
            "the file holds neither picture nor sound that can be decoded; upload a video or audio file",
        )
    return _probe(found.container, found.duration, shown, heard)


def media_type(probe: Probe) -> str:
    """The media type of a recording, by what is in it."""
    kind = "video" if probe.video_codec else "audio"
    return f"{kind}/{MEDIA_TYPES.get(probe.container, 'x-' + probe.container.partition(',')[0])}"


def took_too_long(limits: ProbeLimits) -> Rejected:
    """The error when the look into a file didn't end in time: the file's fault or the machine's."""
    return Rejected(
        RejectionReason.TIMEOUT,
        f"checking the file took longer than {limits.probe_timeout:g} s; submit it again, and if that "
        "doesn't help, export it again as MP4 or WebM",
    )


def ended_its_process(tries: int) -> Rejected:
    """The error when the process that looked into a file ended before it was done, every time."""
    return Rejected(
        RejectionReason.ANALYSIS_FAILED,
        f"checking the file broke off {tries} times; submit it again, and if that doesn't help, export it "
        "again as MP4 or WebM",
    )


def _refuse_large(video: VideoFound, limits: ProbeLimits) -> None:
    long_side, short_side = max(video.width, video.height), min(video.width, video.height)
    if long_side > limits.max_long_side or short_side > limits.max_short_side:
        raise Rejected(
            RejectionReason.RESOLUTION_TOO_HIGH,
            f"the picture has {video.width}×{video.height} pixels, at most "
            f"{limits.max_long_side}×{limits.max_short_side} are allowed; scale it down",
        )


def _refuse_still(found: Inspection, video: VideoFound) -> None:
    silent = found.audio is None
    if video.pictures <= 1 and silent and (video.decoded or found.is_picture):
        raise Rejected(
            RejectionReason.STILL_PICTURE, "the file is a single picture; upload a recording of the answer"
        )


def _refuse_long(found: Inspection, limits: ProbeLimits) -> None:
    counted = found.audio.counted if found.audio else 0.0
    minutes = f"{limits.max_duration / 60:g} minutes"
    if found.duration > limits.max_duration or counted > limits.max_duration * COUNTED_SHARE:
        raise Rejected(RejectionReason.TOO_LONG, f"the recording is longer than {minutes}; cut it")
    pictures = found.video.pictures if found.video else 0
    if pictures > limits.max_duration * limits.max_frame_rate:
        raise Rejected(
            RejectionReason.TOO_LONG,
            f"the recording has {pictures} pictures, more than {minutes} hold at a frame rate of "
            f"{limits.max_frame_rate:g} per second; lower its frame rate or cut it",
        )


def _refuse_truncated(found: Inspection) -> None:
    stated = found.stated_duration or 0.0
    missing = stated - found.last_end
    if found.cut_off or missing > max(STATED_TOLERANCE, stated * STATED_SHARE):
        raise Rejected(
            RejectionReason.TRUNCATED, "the file ends before the recording does; upload it again, completely"
        )


def _probe(container: str, duration: float, video: VideoFound | None, audio: AudioFound | None) -> Probe:
    probe = Probe(duration=duration, container=container)
    if video is not None:
        sideways = video.rotation % (2 * QUARTER_TURN) == QUARTER_TURN
        probe = probe.model_copy(
            update={
                "video_codec": video.codec,
                "width": video.height if sideways else video.width,
                "height": video.width if sideways else video.height,
                "rotation": video.rotation,
                "frame_rate": video.average_rate,
            }
        )
    if audio is not None:
        probe = probe.model_copy(
            update={
                "audio_codec": audio.codec,
                "sample_rate": audio.sample_rate,
                "channels": audio.channels,
            }
        )
    return probe
