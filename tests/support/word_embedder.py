"""Meanings made of words, to try the judge's rules without a model."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from vivavoce.evaluation.lexicon import FUNCTION_WORDS
from vivavoce.evaluation.text import tokens
from vivavoce.evaluation.vectors import Vectors

WORD_DIMENSIONS = 512


class WordEmbedder:
    """Texts are alike when they share words of matter: enough to try the rules without a model."""

    @property
    def models(self) -> dict[str, str]:
        """The stand-in itself."""
        return {"words": "1"}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Each word of matter adds 1 at a place given by its checksum."""
        rows = [self._embed_one(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, WORD_DIMENSIONS), dtype=np.float32)

    def _embed_one(self, text: str) -> Vectors:
        row = np.zeros(WORD_DIMENSIONS, dtype=np.float32)
        for token in tokens(text):
            if token not in FUNCTION_WORDS:
                row[crc32(token.encode()) % WORD_DIMENSIONS] += 1
        return np.asarray(row / max(float(np.linalg.norm(row)), 1e-12), dtype=np.float32)
