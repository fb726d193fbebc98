"""What is installed and locked is what the workspace says."""

import json
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.support.shared import ROOT

LOCKS = sorted([ROOT / "requirements.lock", *(ROOT / "deploy" / "docker").glob("*.lock")])
NODE_LOCKS = sorted((ROOT / "tests").glob("*/package-lock.json"))
MEMBERS = sorted(path.parent for path in ROOT.glob("*/**/pyproject.toml") if ".venv" not in path.parts)


def locked_names(lock: Path) -> set[str]:
    return {
        match[1].lower() for match in re.finditer(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE)
    }


def requirements_of(member: Path) -> set[str]:
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    named = [*project["dependencies"], *(name for extra in extras for name in extra)]
    names = {re.split(r"[\[<>=!~ ]", requirement)[0].lower() for requirement in named}
    return {name for name in names if not name.startswith("vivavoce-")}


def test_exactly_one_opencv_is_installed() -> None:
    owners = {
        distribution.name
        for distribution in distributions()
        if any(file.parts[:2] == ("cv2", "__init__.py") for file in distribution.files or [])
    }
    assert owners == {"opencv-contrib-python"}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda path: path.name)
def test_every_requirement_of_a_member_is_locked(member: Path) -> None:
    assert requirements_of(member) <= locked_names(ROOT / "requirements.lock")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda path: path.parent.name)
def test_a_lock_of_node_packages_has_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert "://" not in text


def test_the_light_services_do_not_carry_the_heavy_libraries() -> None:
    heavy = {"mediapipe", "opencv-contrib-python", "faster-whisper", "onnxruntime", "av"}
    for service in ("gateway", "proctoring", "notifier"):
        assert not heavy & locked_names(ROOT / "deploy" / "docker" / f"{service}.lock")
