"""Runs the analysis in processes that are killed, with all they started, at its deadline."""

from pathlib import Path

from vivavoce.chassis.offload import Offload, tell
from vivavoce.contracts import Probe
from vivavoce.media.analysis import Analysis
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.limits import AnalysisLimits
from vivavoce.media.ports import OnProgress


class ProcessAnalyzer:
    """Analyses in a worker process that stays warm between recordings."""

    def __init__(
        self, offload: Offload, settings: AnalysisSettings, limits: AnalysisLimits, max_pixels: int
    ) -> None:
        self._offload = offload
        self._settings = settings
        self._limits = limits
        self._max_pixels = max_pixels

    async def analyse(self, path: Path, probe: Probe, on_progress: OnProgress) -> Analysis:
        """Everything measured in the file; the time allowed grows with the recording's length."""

        def hear(message: object) -> None:
            if isinstance(message, int | float):
                on_progress(float(message))

        within = self._limits.time_for(probe.duration)
        return await self._offload.run(
            run_analysis, path, probe, self._settings, self._max_pixels, within=within, on_message=hear
        )


def run_analysis(path: Path, probe: Probe, settings: AnalysisSettings, max_pixels: int) -> Analysis:
    """The whole analysis, in the process that calls it; shares go to the caller by `tell`.

    The models' libraries are loaded here, so that the service's own process stays small.
    """
    from vivavoce.media.adapters.analysis import analyse

    return analyse(path, probe, settings, tell, max_pixels)
