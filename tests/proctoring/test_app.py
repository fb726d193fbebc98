"""The composition root of proctoring."""

from vivavoce.contracts import InterviewSubmitted, MediaFeatures, RecordingRejected
from vivavoce.proctoring.app import build
from vivavoce.proctoring.settings import ProctoringSettings


async def test_the_service_is_wired_without_anything_being_there() -> None:
    service = build(ProctoringSettings(store_url="memory:///", away_dwell=3.0))
    facts = {row.fact for group in service.groups for row in group.rows}
    assert facts == {InterviewSubmitted, MediaFeatures, RecordingRejected}
    await service.database.close()


def test_thresholds_come_from_the_settings() -> None:
    assert ProctoringSettings(away_dwell=3.0).thresholds().away_dwell == 3.0
