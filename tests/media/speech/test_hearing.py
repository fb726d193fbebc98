"""Hearing needs room for a recording's sound, and takes it where the recording lies."""

import tempfile
from pathlib import Path

import pytest

from tests.support.made_recordings import make_recording
from vivavoce.contracts import NullReason
from vivavoce.media.adapters.analysis import hear
from vivavoce.media.analysis_settings import AnalysisSettings


def test_sound_is_put_beside_the_recording_and_not_into_the_systems_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
    path = make_recording(tmp_path / "mute.mp4", audio=None)
    heard = hear(path, AnalysisSettings(), lambda share: None)
    assert heard.transcript_reason is NullReason.NO_AUDIO
    assert list(tmp_path.iterdir()) == [path]
