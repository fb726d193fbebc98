"""The composition root: what the settings choose, and that nothing is connected yet."""

from pathlib import Path

import pytest

from vivavoce.contracts import InterviewSubmitted, MediaFeatures
from vivavoce.evaluation.adapters.minilm_embedder import ModelMissing
from vivavoce.evaluation.app import build, make_judge, versions_of
from vivavoce.evaluation.gate import Limits
from vivavoce.evaluation.settings import EvaluationSettings, JudgeKind


def some_settings(**changes: object) -> EvaluationSettings:
    """Settings that name nothing that is there."""
    return EvaluationSettings.model_validate({"store_url": "memory:///", **changes})


async def test_the_service_is_wired_without_anything_being_there() -> None:
    service = build(some_settings(evaluation_judge="scripted"))
    facts = {row.fact for group in service.groups for row in group.rows}
    assert {InterviewSubmitted, MediaFeatures} <= facts
    assert len(service.background) == 1
    await service.database.close()


def test_the_judge_is_chosen_by_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVALUATION_JUDGE", "scripted")
    assert EvaluationSettings().evaluation_judge is JudgeKind.SCRIPTED
    assert make_judge(EvaluationSettings()).name == "scripted-1"


def test_what_an_answer_needs_is_set_by_the_operator() -> None:
    limits = some_settings(min_answer_confidence=0.6, judged_languages=("en", "de")).limits()
    assert (limits.min_word_confidence, limits.languages) == (0.6, ("en", "de"))
    assert EvaluationSettings().limits() == Limits()


def test_the_local_judge_is_the_default_and_names_its_model() -> None:
    versions = versions_of(make_judge(some_settings()))
    assert versions.judge == "local-2"
    assert list(versions.models) == ["all-MiniLM-L6-v2-int8"]


def test_a_missing_model_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="there is no model file"):
        make_judge(some_settings(embedding_model=tmp_path / "absent.onnx"))
