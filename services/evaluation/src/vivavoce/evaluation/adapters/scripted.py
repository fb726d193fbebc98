"""Deterministic stand-ins: a judge without a model, and meanings made of words."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from vivavoce.contracts import CompetencyScore, CriterionScore
from vivavoce.evaluation.evidence import align, quotes
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.lexicon import FUNCTION_WORDS
from vivavoce.evaluation.text import split_sentences, tokens
from vivavoce.evaluation.vectors import Vectors

LOWEST, SPREAD = 40, 60
WORD_DIMENSIONS = 512


class ScriptedJudge:
    """Scores by a checksum of what was said: at once, 40-99, the same for the same words."""

    @property
    def name(self) -> str:
        """The judge's name and version."""
        return "scripted-1"

    @property
    def models(self) -> dict[str, str]:
        """It uses none."""
        return {}

    async def judge(self, task: Task) -> Judgement:
        """One criterion that gives the whole total, shown by the first sentence."""
        overall = float(LOWEST + crc32(task.transcript.text.encode()) % SPREAD)
        first = [sentence.span for sentence in split_sentences(task.transcript.text)[:1]]
        shown = quotes(task.transcript, align(task.transcript), first)
        criterion = CriterionScore(
            name="scripted",
            score=overall,
            weight=1.0,
            contribution=overall,
            explanation="A fixed number for these words, for trying the system without a judge.",
            evidence=shown,
        )
        competencies = tuple(
            CompetencyScore(name=one.name, weight=one.weight, score=overall, evidence=shown)
            for one in task.competencies
        )
        return Judgement(overall=overall, confidence=1.0, criteria=(criterion,), competencies=competencies)


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
