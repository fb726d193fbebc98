"""Decoding with PyAV: sound as one stream of samples, pictures at a set rate, never all at once.

Every stream of a recording is decoded exactly once. Pictures and sound are read from the container
independently, so that hearing need not wait for seeing; both count seconds from the container's
common start. Memory doesn't grow with the length of a recording. Packets that can't be decoded are
left out: pictures are then missing, and sound is silent for that long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vivavoce.chassis.errors import VivaError
from vivavoce.media.adapters.container import bound_pictures, open_container
from vivavoce.media.limits import ProbeLimits
from vivavoce.media.timeline import SamplingGrid, Timeline

SAMPLE_RATE = 16_000
GAP = 0.1
MAX_READ_FAILURES = 100
USUAL_FRAME_RATE = 25
MAX_PIXELS = ProbeLimits().max_pixels


class UndecodableRecording(VivaError):
    """No stream of the recording can be opened."""

    code = "undecodable_recording"
    status = 422


@dataclass(frozen=True)
class Picture:
    """One upright picture: `pixels` are RGB of shape (height, width, 3), at `time` seconds."""

    time: float
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class Sampling:
    """How pictures are taken: per second, longest side in pixels, seconds read, decoder threads.

    Pictures of more than `max_pixels` are left out, as they can't be decoded.
    """

    rate: float
    side: int
    until: float
    threads: int = 1
    max_pixels: int = MAX_PIXELS


def pictures(path: Path, sampling: Sampling) -> Iterator[Picture]:
    """The pictures of the video stream that a viewer sees, `rate` per second by presentation time, in order.

    Yields nothing when there is no video. Raises UndecodableRecording when the file can't be opened.
    """
    with _opened(path) as container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream) or not _decodable(stream):
            return
        _select(container, stream)
        stream.thread_type = "SLICE" if sampling.threads == 1 else "AUTO"
        stream.codec_context.thread_count = sampling.threads
        bound_pictures(stream, sampling.max_pixels)
        upright = _Upright(stream, sampling.side)
        thrift = _Thrift(stream, sampling.rate)
        timeline, grid = Timeline(_start(container)), SamplingGrid(sampling.rate)
        lasts = 1 / float(stream.average_rate or USUAL_FRAME_RATE)
        for frame in _frames(container, stream):
            if not isinstance(frame, VideoFrame):
                continue
            time = timeline.at(frame.time, lasts)
            if time > sampling.until:
                return
            thrift.note(time)
            if not frame.is_corrupt and grid.takes(time):
                yield Picture(time, upright(frame))


def write_sound(path: Path, target: BinaryIO, until: float) -> float | None:
    """Write the sound that a viewer hears to `target` as 16 kHz mono 16-bit samples; its end in seconds.

    The first sample is the recording's common start: sound that begins later, or has a gap, is
    filled with silence. None when there is no audio that can be decoded; then nothing is written.
    Raises UndecodableRecording when the file can't be opened.
    """
    with _opened(path) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream) or not _decodable(stream):
            return None
        _select(container, stream)
        timeline, writer = Timeline(_start(container)), _SoundWriter(target, until)
        for frame in _frames(container, stream):
            if not isinstance(frame, AudioFrame):
                continue
            time = timeline.at(frame.time, frame.samples / frame.sample_rate)
            if time > until:
                break
            writer.put(time, frame)
        return writer.finish()


class _Upright:
    """Scales a frame so that its longest side is `side` at most, and turns it as it is shown."""

    def __init__(self, stream: VideoStream, side: int) -> None:
        self._scaler = VideoReformatter()
        self._aspect = float(stream.codec_context.sample_aspect_ratio or 1)
        self._side = side

    def __call__(self, frame: VideoFrame) -> NDArray[np.uint8]:
        shown = frame.width * self._aspect
        scale = min(1.0, self._side / max(shown, frame.height))
        width, height = (max(2, round(length * scale / 2) * 2) for length in (shown, frame.height))
        small = self._scaler.reformat(
            frame, width=width, height=height, format="rgb24", interpolation=Interpolation.AREA, threads=1
        )
        turned = np.rot90(small.to_ndarray(), round(frame.rotation / 90))
        return np.ascontiguousarray(turned, dtype=np.uint8)


class _Thrift:
    """Leaves out pictures that no other picture needs, as long as enough are left for the rate."""

    def __init__(self, stream: VideoStream, rate: float) -> None:
        self._context = stream.codec_context
        self._longest = 1 / rate
        self._last = 0.0
        self._saves = float(stream.average_rate or 0) >= 2 * rate
        if self._saves:
            self._context.skip_frame = "NONREF"

    def note(self, time: float) -> None:
        if self._saves and time - self._last > self._longest:
            self._context.skip_frame = "DEFAULT"
            self._saves = False
        self._last = time


class _SoundWriter:
    """Resamples frames and keeps the file's position equal to presentation time."""

    def __init__(self, target: BinaryIO, until: float) -> None:
        self._target = target
        self._limit = round(until * SAMPLE_RATE)
        self._written = 0
        self._resampler: AudioResampler | None = None
        self._shape: tuple[str, str, int] | None = None

    def put(self, time: float, frame: AudioFrame) -> None:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            self._flush()
            self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
            self._shape = shape
        ahead = round(time * SAMPLE_RATE) - self._written
        late = abs(ahead) > GAP * SAMPLE_RATE
        if late and ahead > 0:
            self._silence(ahead)
        frame.pts = None
        self._write(frame, skip=-ahead if late and ahead < 0 else 0)

    def finish(self) -> float | None:
        self._flush()
        return self._written / SAMPLE_RATE if self._shape else None

    def _flush(self) -> None:
        self._write(None, skip=0)

    def _write(self, frame: AudioFrame | None, skip: int) -> None:
        for piece in self._resampler.resample(frame) if self._resampler else ():
            samples = piece.to_ndarray().reshape(-1)
            self._append(samples[skip:].astype("<i2", copy=False))
            skip = max(0, skip - len(samples))

    def _silence(self, length: int) -> None:
        while length > 0:
            block = min(length, SAMPLE_RATE)
            self._append(np.zeros(block, dtype="<i2"))
            length -= block

    def _append(self, samples: NDArray[np.int16]) -> None:
        room = self._limit - self._written
        kept = samples[: max(0, room)]
        self._target.write(kept.tobytes())
        self._written += len(kept)


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    try:
        container: InputContainer = open_container(path)
    except av.FFmpegError as error:
        raise UndecodableRecording(f"the recording can't be opened: {error.strerror}") from error
    with container:
        yield container


def _start(container: InputContainer) -> float:
    return (container.start_time or 0) / av.time_base


def _decodable(stream: VideoStream | AudioStream) -> bool:
    """Whether there is a decoder, and the stream isn't the cover picture of a sound file."""
    cover = bool(stream.disposition & Disposition.attached_pic)
    return bool(stream.codec_context) and not cover


def _select(container: InputContainer, wanted: VideoStream | AudioStream) -> None:
    for stream in container.streams:
        if stream.index != wanted.index:
            stream.discard = Discard.all


def _frames(container: InputContainer, stream: VideoStream | AudioStream) -> Iterator[object]:
    """Every frame that can be decoded; reading goes on behind what can't, a bounded number of times."""
    failures = 0
    while failures < MAX_READ_FAILURES:
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                failures += 1
                break
            if packet is None:
                return
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                continue
            yield from decoded
