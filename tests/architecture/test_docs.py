"""What the documents tell people to run does run, what they show is valid, and their links lead somewhere."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from nacl.public import PrivateKey, PublicKey, SealedBox

from tests.support.documents import Block, anchors, blocks, documents, links
from tests.support.shared import ROOT
from tests.support.tied import tied
from tests.support.watcher import Watcher
from vivavoce.chassis import edge_metrics, metrics
from vivavoce.notifier import metrics as webhook_metrics

FRESH_CLONE = ("make demo", "make test")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
KINDS = ("sh", "sh docker", "sh kafka", "python", "json", "text")
DISCOVERED = blocks()
LIFE = ".venv/bin/viva up --detach"
END = ".venv/bin/viva down"
LIMIT_SECONDS = 240
START_SECONDS = 220


def of_kind(kind: str) -> list[Block]:
    return [block for block in DISCOVERED if block.info == kind]


def is_life(block: Block) -> bool:
    return block.info == "sh" and block.text.startswith(LIFE)


def is_for_fresh_clone(block: Block) -> bool:
    return block.document == "README.md" and block.info == "sh"


def makes_keys(block: Block) -> bool:
    return block.document.endswith("compose.md") and block.info == "sh"


ELSEWHERE = (is_life, is_for_fresh_clone, makes_keys)
RUN = [block for block in of_kind("sh") if not any(runs_it(block) for runs_it in ELSEWHERE)]


def commands(text: str) -> list[str]:
    """Lines without their comments."""
    bare = (re.sub(r"\s+# .*$", "", line).strip() for line in text.splitlines())
    return [line for line in bare if line and not line.startswith("#")]


def run(script: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run a script as a careful reader would: from the project's folder, stopping at the first failure."""
    command = tied("bash", "-euo", "pipefail", "-c", script)
    ran = subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the project's, in which commands may leave what they make."""
    folder = tmp_path_factory.mktemp("project")
    for name in (".venv", "docker-compose.yml"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """The caller's environment, without anything that points at another stack."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("VIVA_", "KAFKA_"))}


@pytest.fixture(scope="module")
def stack(project: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The runbook's own stack with stand-ins for models, up to the line that stops it; its addresses."""
    life = next(block for block in DISCOVERED if is_life(block))
    start, *middle, end = commands(life.text)
    assert (start, end) == (LIFE, END)
    watcher = Watcher(*end.split(), environment=environment, folder=project)
    try:
        started = json.loads(run(f"{start} --scripted --within {START_SECONDS}", project, environment))
        run("\n".join(middle), project, environment)
        yield {"base_url": started["base_url"], "KAFKA_BOOTSTRAP_SERVERS": started["kafka"]}
    finally:
        run(end, project, environment)
        watcher.dismiss()


def test_every_block_says_what_it_is() -> None:
    assert [str(block) for block in DISCOVERED if block.info not in KINDS] == []


def test_the_readme_has_the_two_commands_that_a_fresh_clone_runs() -> None:
    shown = [line for block in DISCOVERED if is_for_fresh_clone(block) for line in commands(block.text)]
    script = (ROOT / "tests" / "fresh_clone.sh").read_text()
    ran = re.findall(r"^(?:time )?(?:timeout \d+ )?(make .+)$", script, re.MULTILINE)
    assert tuple(shown) == FRESH_CLONE == tuple(dict.fromkeys(ran))


def test_a_fresh_clone_runs_the_demo_again_within_a_time_limit() -> None:
    script = (ROOT / "tests" / "fresh_clone.sh").read_text()
    ran = [line for line in script.splitlines() if "make " in line]
    assert ran == ["time make demo", "time timeout 90 make demo", "time make test"]


@pytest.mark.timeout(300)
def test_the_embedded_stack_lives_as_its_runbook_says(stack: dict[str, str]) -> None:
    assert stack["base_url"].startswith("http://127.0.0.1:")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("block", RUN, ids=str)
def test_a_shell_block_runs(
    block: Block, project: Path, environment: dict[str, str], stack: dict[str, str]
) -> None:
    run(block.text, project, environment)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("block", of_kind("python"), ids=str)
def test_a_python_block_runs(
    block: Block, project: Path, environment: dict[str, str], stack: dict[str, str]
) -> None:
    ran = subprocess.run(
        [sys.executable, "-"],
        input=block.text,
        cwd=project,
        env={**environment, **stack},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_every_json_block_parses() -> None:
    assert all(json.loads(block.text) is not None for block in of_kind("json"))


@pytest.mark.parametrize("block", of_kind("sh docker"), ids=str)
def test_a_docker_block_parses_and_names_what_the_compose_file_has(block: Block) -> None:
    subprocess.run(["bash", "-n", "-c", block.text], check=True)
    assert compose_words(block.text) <= set(COMPOSE["services"])


@pytest.mark.parametrize("block", of_kind("sh kafka"), ids=str)
def test_a_block_for_apache_kafka_parses(block: Block) -> None:
    """`tests/connected/test_kafka_stack.py` runs it."""
    subprocess.run(["bash", "-n", "-c", block.text], check=True)


def compose_words(text: str) -> set[str]:
    """The services that `docker compose` is told about: exec takes one, other commands take all words."""
    named: set[str] = set()
    for verb, rest in re.findall(r"docker compose (\w+)([^\n]*)", text):
        words = re.sub(r"--tail \d+|\s#.*$|(?<=\s)--?[\w-]+", "", rest).split()
        named |= set(words[:1] if verb == "exec" else words)
    return named


def test_the_compose_runbook_makes_every_key_that_the_compose_file_demands(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".venv").symlink_to(project / ".venv")
    for block in filter(makes_keys, DISCOVERED):
        run(block.text, tmp_path, environment)
    made = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    demanded = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert demanded <= set(made) <= named
    private = PrivateKey(base64.b64decode(made["NOTIFIER_PRIVATE_KEY"]))
    sealed = SealedBox(PublicKey(base64.b64decode(made["NOTIFIER_PUBLIC_KEY"]))).encrypt(b"secret")
    assert SealedBox(private).decrypt(sealed) == b"secret"
    assert key_file(made["TOKEN_JWKS_FILE"], tmp_path).stat().st_mode & 0o044 == 0o044


def key_file(inside: str, folder: Path) -> Path:
    """The file on the host that the gateway's container sees at a path."""
    for mount in COMPOSE["services"]["gateway"]["volumes"]:
        host, target = mount.split(":")[:2]
        if inside.startswith(f"{target}/"):
            return folder / str(host) / inside.removeprefix(f"{target}/")
    raise AssertionError(f"the gateway has nothing mounted at {inside}")


@pytest.mark.parametrize(
    ("runbook", "of"),
    [("delivery.md", metrics), ("webhooks.md", webhook_metrics), ("observability.md", edge_metrics)],
)
def test_a_runbook_names_exactly_the_metrics_that_exist(runbook: str, of: ModuleType) -> None:
    text = (ROOT / "docs" / "runbooks" / runbook).read_text()
    collectors = [value for name, value in vars(of).items() if name.isupper()]
    published = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for each in collectors
        for family in each.collect()
    }
    assert set(re.findall(r"`(viva_\w+)`", text)) == published


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    missing = []
    for target in links(document):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name) if name else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            missing.append(target)
    assert missing == []
