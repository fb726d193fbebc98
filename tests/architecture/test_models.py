"""docs/models.md tells the truth about the files and packages that are installed."""

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.documents import rows
from tests.support.shared import ROOT
from vivavoce.evaluation.adapters.minilm_embedder import MiniLmFiles
from vivavoce.media.adapters.centerface_people import people_model
from vivavoce.media.adapters.mediapipe_faces import face_model
from vivavoce.media.adapters.packaged_models import model_path
from vivavoce.media.adapters.whisper_transcriber import PACKAGED_MODEL, WEIGHTS
from vivavoce.samples.speech import voice_model

DOCUMENT = ROOT / "docs" / "models.md"
DIGEST_CELLS, PACKAGE_CELLS = 4, 4
FILES = [row for row in rows(DOCUMENT) if len(row) == DIGEST_CELLS and row[1].isdigit()]
PACKAGES = [
    row for row in rows(DOCUMENT) if len(row) == PACKAGE_CELLS and row[1][0].isdigit() and "." in row[1]
]
GPL = {"piper-tts", "secantusdb"}


def installed(shown: str) -> Path:
    package, _, inside = shown.strip("`").partition("/")
    spec = find_spec(package)
    assert spec is not None, f"{package} isn't installed"
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / inside


@pytest.mark.parametrize("row", FILES, ids=lambda row: row[0].strip("`"))
def test_a_model_file_is_the_one_that_is_described(row: list[str]) -> None:
    content = installed(row[0]).read_bytes()
    assert (str(len(content)), f"`{hashlib.sha256(content).hexdigest()}`") == (row[1], row[2])


@pytest.mark.parametrize("row", PACKAGES, ids=lambda row: row[0].strip("`"))
def test_a_package_is_installed_in_the_version_that_is_described(row: list[str]) -> None:
    assert version(row[0].strip("`")) == row[1]


def test_every_model_that_the_code_opens_is_described() -> None:
    minilm = MiniLmFiles.found()
    opened = {
        model_path(None, PACKAGED_MODEL, f"model/{WEIGHTS}"),
        installed("`faster_whisper/assets/silero_vad_v6.onnx`"),
        face_model(None),
        people_model(None),
        minilm.model,
        minilm.tokenizer,
        voice_model(),
    }
    assert opened <= {installed(row[0]) for row in FILES}


def test_no_image_contains_a_program_under_the_gpl() -> None:
    for lock in (ROOT / "deploy" / "docker").glob("*.lock"):
        assert not [name for name in GPL if f"{name}==" in lock.read_text().lower()]
