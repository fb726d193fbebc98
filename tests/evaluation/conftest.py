"""The real model of meaning, opened once for all tests."""

import pytest

from tests.support.judging import Bench
from vivavoce.evaluation.adapters.minilm_embedder import MiniLmEmbedder, MiniLmFiles


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench(MiniLmEmbedder(MiniLmFiles.found()))
