"""The tools that people run: what they are given is taken as it is, and what is missing is named."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from tools.lints import compose

COMPOSE = (ROOT / "docker-compose.yml").read_text()
NOT_OF_OLD = "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "VIDEO", "QUESTION"
OLD_PYTHON = 'case "$2" in *ensurepip*) [ -e "$0.venv" ];; *) [ "$2" != venv ];; esac\n'


def dry_run(*arguments: str) -> list[str]:
    """The words of the last command that `make` would have the shell run."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OF_OLD}
    ran = subprocess.run(
        ["make", "-n", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {ran.stdout.splitlines()[-1].removeprefix('@')}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return words.stdout.split("\0")[:-1]


@pytest.mark.parametrize(
    "text",
    [
        "it's (1) & 50%.mp4",
        'Why "us"; and `id`?',
        "What does $5 buy, $(shell touch made) or $$HOME?",
        "''",
        "a\\",
        "# no comment",
    ],
)
def test_the_demo_is_given_file_and_question_as_they_were_written(text: str) -> None:
    words = dry_run("demo", f"VIDEO={text}", f"QUESTION={text}")
    assert words == [".venv/bin/viva", "demo", "--video", text, "--question", text]
    assert not (ROOT / "made").exists()


def test_the_demo_without_a_file_uses_its_own() -> None:
    assert dry_run("demo") == [".venv/bin/viva", "demo"]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the setup on a machine of a few commands, whose Python lacks the module that makes pip."""
    for name in ("tools/setup.sh", "tools/bootstrap.lock", "requirements.lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    command(tmp_path, "python3.11", OLD_PYTHON)
    command(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/installed; touch {tmp_path}/bin/python3.11.venv\n')
    command(tmp_path, "ldconfig", "echo libEGL.so.1 libGLESv2.so.2 libGL.so.1 libglib-2.0.so.0\n")
    return tmp_path


def command(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)


def set_up(machine: Path, user: int, *arguments: str, path: str = "/usr/bin:/bin") -> str:
    """What the setup says to this user."""
    command(machine, "id", f"echo {user}\n")
    ran = subprocess.run(
        ["/bin/bash", str(machine / "tools" / "setup.sh"), *arguments],
        env={"PATH": f"{machine}/bin:{path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stderr


def test_an_ordinary_user_is_told_which_package_makes_virtual_environments(machine: Path) -> None:
    said = set_up(machine, user=1000)
    assert "install the packages python3.11-venv" in said
    assert not (machine / "installed").exists()


def test_root_gets_the_missing_package(machine: Path) -> None:
    set_up(machine, user=0)
    installed = (machine / "installed").read_text().splitlines()
    assert installed[-1].endswith("python3.11-venv")


def test_a_python_that_makes_virtual_environments_by_itself_needs_no_package(machine: Path) -> None:
    (machine / "bin" / "python3.11.venv").touch()
    said = set_up(machine, user=0)
    assert not (machine / "installed").exists()
    assert "can't make a virtual environment" in said


def test_the_linker_is_found_although_it_is_not_on_the_users_path(machine: Path) -> None:
    (machine / "bin" / "ldconfig").unlink()
    assert "ldconfig" not in set_up(machine, user=1000)


@pytest.mark.parametrize(("user", "installs"), [(0, True), (1000, False)])
def test_a_missing_browser_is_installed_by_root_and_named_to_others(
    machine: Path, user: int, installs: bool
) -> None:
    for name in ("dirname", "touch"):
        (machine / "bin" / name).symlink_to(Path("/usr/bin") / name)
    said = set_up(machine, user, "--browser", path="/nowhere")
    assert (machine / "installed").exists() is installs
    assert ("install the packages chromium" in said) is not installs
    assert ("they are skipped" in said) is not installs


def test_a_browser_that_is_there_is_not_installed_again(machine: Path) -> None:
    command(machine, "chromium", "")
    assert set_up(machine, 0, "--browser") == ""
    assert not (machine / "installed").exists()


def test_the_compose_file_is_as_its_lint_wants_it() -> None:
    assert list(compose.breaches(COMPOSE)) == []


@pytest.mark.parametrize(
    ("line", "path", "service"),
    [
        ("      KAFKA_LOG_DIRS: /var/lib/kafka/data\n", "/var/lib/kafka/data", "kafka"),
        (", --dbpath, /data/db", "/data/db", "mongo"),
    ],
)
def test_a_volume_whose_path_its_service_is_not_told_is_found(line: str, path: str, service: str) -> None:
    found = list(compose.breaches(COMPOSE.replace(line, "")))
    assert [f"mounts {path} into {service}" in breach for breach in found] == [True]
