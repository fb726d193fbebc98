"""A deterministic stand-in: a judge without a model."""

from zlib import crc32

from vivavoce.contracts import CompetencyScore, CriterionScore
from vivavoce.evaluation.evidence import align, quotes
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.text import split_sentences

LOWEST, SPREAD = 40, 60


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
