"""Properties without time limits, and the real model of meaning, opened once for all tests."""

import pytest
from hypothesis import settings

from tests.support.judging import Bench
from vivavoce.evaluation.adapters.minilm_embedder import MiniLmEmbedder, MiniLmFiles

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench(MiniLmEmbedder(MiniLmFiles.found()))
