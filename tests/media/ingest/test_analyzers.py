"""Which analyzer measures a recording, by the settings and by the recording's length."""

from pathlib import Path

import pytest

from tests.support.facts import ingested
from tests.support.media_rig import AnalyzerThatCounts
from vivavoce.contracts import Probe
from vivavoce.media.adapters.process_analyzer import ProcessAnalyzer
from vivavoce.media.adapters.scripted import ScriptedAnalyzer
from vivavoce.media.adapters.sparing import SparingAnalyzer
from vivavoce.media.app import make_edges
from vivavoce.media.settings import Measure, MediaSettings

LONGEST = 8.0


@pytest.mark.parametrize(
    ("named", "made"),
    [
        (Measure.MODELS, ProcessAnalyzer),
        (Measure.SCRIPTED, ScriptedAnalyzer),
        (Measure.SPARING, SparingAnalyzer),
    ],
)
def test_the_settings_name_the_analyzer(named: Measure, made: type) -> None:
    assert isinstance(make_edges(MediaSettings(media_analyzer=named)).analyzer, made)


@pytest.mark.parametrize(("seconds", "by_models"), [(LONGEST - 1, 1), (LONGEST, 1), (LONGEST + 0.1, 0)])
async def test_a_sparing_analysis_leaves_only_short_recordings_to_the_models(
    tmp_path: Path, seconds: float, by_models: int
) -> None:
    models, script = AnalyzerThatCounts(), AnalyzerThatCounts()
    path = tmp_path / "recording"
    path.write_bytes(b"some recording")
    told: list[float] = []
    probe: Probe = ingested().probe.model_copy(update={"duration": seconds})
    analysis = await SparingAnalyzer(models, script, LONGEST).analyse(path, probe, told.append)
    assert (models.analyses, script.analyses) == (by_models, 1 - by_models)
    assert analysis.duration == seconds
    assert told == [1.0]
