"""Where the optional reference recordings lie; tests that need them skip when they are absent."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def shared_path(relative: str) -> Path:
    """The path of a reference file beside the project, or a skipped test."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"needs the reference file {relative} in {SHARED}, which is absent")
    return path
