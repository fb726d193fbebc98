"""The system is whole after a minute of injuries: those of `make chaos MINUTES=1 SEED=1 INTERVIEWS=40`."""

from pathlib import Path

import pytest

from tests.chaos.plan import make_plan
from tests.chaos.trial import Options, attempt


@pytest.mark.timeout(720)
async def test_a_minute_of_injuries_leaves_the_system_whole(tmp_path: Path) -> None:
    options = Options(seed=1, minutes=1.0, interviews=40, settle=300)
    tried = await attempt(options, make_plan(options.seed, options.minutes), tmp_path, print)
    assert {finding.check: finding.damage for finding in tried.findings if finding.damage} == {}
