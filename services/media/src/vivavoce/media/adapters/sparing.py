"""Measures short recordings for real and makes up the others, for trials of many that are to cost little."""

from pathlib import Path

from vivavoce.contracts import Probe
from vivavoce.media.analysis import Analysis
from vivavoce.media.ports import Analyzer, OnProgress


class SparingAnalyzer:
    """Leaves recordings of at most `longest` seconds to the models, and all others to a script."""

    def __init__(self, models: Analyzer, script: Analyzer, longest: float) -> None:
        self._models = models
        self._script = script
        self._longest = longest

    async def analyse(self, path: Path, probe: Probe, on_progress: OnProgress) -> Analysis:
        """What the one or the other says; its `models` tell which of them it was."""
        chosen = self._models if probe.duration <= self._longest else self._script
        return await chosen.analyse(path, probe, on_progress)
