"""Looks into files with FFmpeg's libraries, in a process of its own: hostile files hang or crash it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from vivavoce.chassis.errors import DeadlineExceeded, WorkerDied
from vivavoce.chassis.offload import Offload
from vivavoce.contracts import Probe
from vivavoce.media import probing
from vivavoce.media.adapters.container import PICTURE_FORMATS, bound_pictures, open_container
from vivavoce.media.boxes import ends_inside_a_box
from vivavoce.media.limits import ProbeLimits
from vivavoce.media.probing import AudioFound, Inspection, VideoFound

PROMISING_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi")
FIXED_FRAMES = ("aac", "mp3", "mp2", "ac3", "eac3")
TRIED_PACKETS = 600
HALF_TURN = 180
TRIES = 2


class AvProber:
    """Probes in a worker process that is killed at its deadline."""

    def __init__(self, offload: Offload, limits: ProbeLimits) -> None:
        self._offload = offload
        self._limits = ProbeLimits.model_validate(limits.model_dump(include=set(ProbeLimits.model_fields)))

    async def probe(self, path: Path) -> Probe:
        """What the file is, by its content alone; raises Rejected."""
        for _ in range(TRIES):
            try:
                found = await self._offload.run(
                    inspect, str(path), self._limits, within=self._limits.probe_timeout
                )
            except DeadlineExceeded as error:
                raise probing.took_too_long(self._limits) from error
            except WorkerDied:
                continue
            return probing.judge(found, self._limits)
        raise probing.ended_its_process(TRIES)


@dataclass
class Span:
    """The times of one kind of packets, in seconds."""

    start: float = float("inf")
    end: float = 0.0
    packets: dict[int, int] = field(default_factory=dict)

    def take(self, packet: Any) -> None:
        """Widen the span by a packet; one without a time only counts."""
        index = packet.stream.index
        self.packets[index] = self.packets.get(index, 0) + 1
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None and packet.time_base is not None:
            begin = float(time * packet.time_base)
            self.start = min(self.start, begin)
            self.end = max(self.end, begin + float((packet.duration or 0) * packet.time_base))

    @property
    def length(self) -> float:
        """Seconds from the first to the last."""
        return max(self.end - self.start, 0.0)


def inspect(path: str, limits: ProbeLimits) -> Inspection:
    """Look into a file: measure all packets, decode one picture and one piece of sound."""
    file = Path(path)
    with file.open("rb") as content:
        cut_off = ends_inside_a_box(content, file.stat().st_size)
    try:
        with open_container(file) as container:
            found = _measured(container, limits)
        if found.video is not None and _too_large(found.video, limits):
            return found
        return _decoded(file, found, limits).model_copy(update={"cut_off": cut_off})
    except FFmpegError:
        return Inspection(cut_off=cut_off)


def _measured(container: Any, limits: ProbeLimits) -> Inspection:
    video, audio = _main_streams(container)
    main = {stream.index for stream in (video, audio) if stream is not None}
    shown, everything = Span(), Span()
    for packet in _packets(container):
        everything.take(packet)
        if packet.stream.index in main:
            shown.take(packet)
            if shown.length > limits.max_duration + 1:
                break
    name = container.format.name
    return Inspection(
        container=name,
        is_picture=name in PICTURE_FORMATS.split(","),
        stated_duration=_stated(container) if name in PROMISING_FORMATS else None,
        duration=shown.length,
        last_end=everything.length,
        video=_video_found(video, shown) if video is not None else None,
        audio=_audio_found(audio, shown) if audio is not None else None,
    )


def _main_streams(container: Any) -> tuple[Any, Any]:
    """The streams that a viewer would see and hear; a cover picture is neither."""
    video = container.streams.best("video")
    if video is not None and (
        video.disposition & av.stream.Disposition.attached_pic or not video.codec_context
    ):
        video = None
    audio = container.streams.best("audio")
    return video, audio if audio is not None and audio.codec_context else None


def _packets(container: Any) -> Iterator[Any]:
    """Every packet up to the end, or up to where the content can't be read any further."""
    packets = container.demux()
    while True:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        if packet.size:
            yield packet


def _stated(container: Any) -> float | None:
    return container.duration / av.time_base if container.duration else None


def _video_found(stream: Any, span: Span) -> VideoFound:
    context = stream.codec_context
    return VideoFound(
        codec=context.name,
        width=context.width,
        height=context.height,
        average_rate=float(stream.average_rate) if stream.average_rate else None,
        pictures=span.packets.get(stream.index, 0),
    )


def _audio_found(stream: Any, span: Span) -> AudioFound:
    context = stream.codec_context
    samples = context.frame_size if context.name in FIXED_FRAMES else 0
    rate = context.sample_rate or 0
    counted = span.packets.get(stream.index, 0) * samples / rate if rate else 0.0
    return AudioFound(codec=context.name, sample_rate=rate, channels=context.channels or 0, counted=counted)


def _too_large(video: VideoFound, limits: ProbeLimits) -> bool:
    return (
        max(video.width, video.height) > limits.max_long_side
        or min(video.width, video.height) > limits.max_short_side
    )


def _decoded(file: Path, found: Inspection, limits: ProbeLimits) -> Inspection:
    """Add what the first frames say; the header's word about a picture's size may be wrong."""
    with open_container(file) as container:
        video, audio = _main_streams(container)
        if video is not None:
            bound_pictures(video, limits.max_pixels)
        frames = _first_frames(container, [stream for stream in (video, audio) if stream is not None])
        picture = frames.get("video")
        changes: dict[str, object] = {}
        if found.video is not None and picture is not None:
            size = {"width": picture.width, "height": picture.height, "rotation": _clockwise(picture)}
            changes["video"] = found.video.model_copy(update={**size, "decoded": True})
        if found.audio is not None and "audio" in frames:
            changes["audio"] = found.audio.model_copy(update={"decoded": True})
        return found.model_copy(update=changes)


def _first_frames(container: Any, streams: list[Any]) -> dict[str, Any]:
    """One frame of each kind, if the first packets give any."""
    frames: dict[str, Any] = {}
    for tried, packet in enumerate(container.demux(streams) if streams else ()):
        if packet.stream.type not in frames:
            frame = _first_frame(packet)
            if frame is not None:
                frames[packet.stream.type] = frame
        if len(frames) == len(streams) or tried > TRIED_PACKETS:
            break
    return frames


def _first_frame(packet: Any) -> Any | None:
    try:
        return next(iter(packet.decode()), None)
    except FFmpegError:
        return None


def _clockwise(frame: Any) -> int:
    """Degrees that the picture is to be turned clockwise, as one of 0, 90, 180, 270."""
    quarter_turns = round(-frame.rotation / (HALF_TURN / 2))
    return int(quarter_turns % 4) * HALF_TURN // 2
