"""Makes one file of every kind that a candidate's computer, or a joker, may send."""

import math
import struct
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.support.speaking import FOREIGN, STORY, Samples, noise, spoken
from tests.support.videos import SOUND_RATE, Pixels, plain, tone, write_recording

Sound = NDArray[np.float32]
CHORD = (261.6, 329.6, 392.0, 523.3)


def write_all(folder: Path, face: Pixels) -> None:
    """Write every file; `face` is a picture of a person, which some of them show."""
    speech = _as_floats(spoken(STORY, folder))[: 14 * SOUND_RATE]
    foreign = _as_floats(spoken(FOREIGN["tr"], folder, "tr"))
    write_recording(folder / "fine.mp4", _still(face, 6), speech[: 6 * SOUND_RATE])
    write_recording(folder / "sound-only.m4a", (), speech)
    write_recording(folder / "no-sound.mp4", _still(face, 5))
    write_recording(folder / "black.mp4", _still(plain(0), 6), speech[: 6 * SOUND_RATE])
    write_recording(folder / "music.mp4", _still(face, 8), _music(8))
    write_recording(folder / "silence.mp4", _still(face, 5), tone(5, 0.0))
    write_recording(folder / "noise.mp4", _still(face, 6), _as_floats(noise(6)))
    write_recording(folder / "turkish.mp4", _still(face, 8), foreign)
    write_recording(folder / "variable.mp4", _uneven(face, 6), speech[: 6 * SOUND_RATE])
    write_recording(folder / "too-long.m4a", (), tone(75, 0.1))
    write_recording(folder / "eight-k.mp4", _still(plain(90, 4320, 7680), 0.3))
    _rotate(folder / "fine.mp4", np.ascontiguousarray(np.rot90(face)), speech[: 6 * SOUND_RATE])
    whole = (folder / "fine.mp4").read_bytes()
    (folder / "wrong-extension.txt").write_bytes(whole)
    (folder / "truncated.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "page.mp4").write_text("<!doctype html><title>Sign in</title><p>Please sign in.", "utf-8")
    with av.open(str(folder / "picture.mp4"), "w", format="image2") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = face.shape[1], face.shape[0], "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(face, format="rgb24")))
        container.mux(stream.encode(None))


def _still(picture: Pixels, seconds: float, rate: int = 12) -> Iterator[tuple[float, Pixels]]:
    return ((index / rate, picture) for index in range(max(1, math.ceil(seconds * rate))))


def _uneven(picture: Pixels, seconds: float) -> Iterator[tuple[float, Pixels]]:
    """Pictures that come now slowly, now quickly."""
    time, index = 0.0, 0
    while time < seconds:
        yield time, picture
        time += (0.04, 0.3, 0.07, 0.15)[index % 4]
        index += 1


def _music(seconds: float) -> Sound:
    times = np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE
    beat = 0.55 + 0.45 * np.sign(np.sin(2 * np.pi * 2 * times))
    chord = sum(np.sin(2 * np.pi * note * times) for note in CHORD) / len(CHORD)
    return np.asarray(0.4 * beat * chord, dtype=np.float32)


def _as_floats(samples: Samples) -> Sound:
    return np.asarray(samples / 32768, dtype=np.float32)


def _rotate(like: Path, sideways: Pixels, sound: Sound) -> None:
    """A film that was taken sideways, and says so in its track header's matrix."""
    path = write_recording(like.with_name("rotated.mp4"), _still(sideways, 6), sound)
    content = bytearray(path.read_bytes())
    header = content.find(b"tkhd")
    matrix = header + 4 + 40
    quarter_turn = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    content[matrix : matrix + len(quarter_turn)] = quarter_turn
    path.write_bytes(bytes(content))
