"""The whole stack on Apache Kafka, by its runbook's commands: it outlives a broker, a stop and a start."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.apache_kafka import link_jars
from tests.support.documents import blocks
from tests.support.kafka import apache_only
from tests.support.live import Asked, LiveStack, eventually
from tests.support.shared import ROOT
from tests.support.tied import tied
from vivavoce.cli.home import Home
from vivavoce.cli.stack.names import KAFKA_BROKERS
from vivavoce.cli.stack.status import stack_status

pytestmark = [pytest.mark.connected, apache_only, pytest.mark.timeout(600)]

PATIENCE = 150.0
START_SECONDS = 220
LIMIT_SECONDS = 240
SCRIPTED = {"MEDIA_SOURCE": "scripted"}
FORGOT = "broker_forgot_its_log"
START, LOOK, KILL, STOP = (
    block.text
    for block in blocks()
    if block.document == "docs/runbooks/kafka.md" and block.info == "sh kafka"
)
UP = "viva up --kafka --detach"


class Project:
    """A folder that looks like the project's, with a stack that the runbook's commands steer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in (".venv", "Makefile", "deploy"):
            (folder / name).symlink_to(ROOT / name)
        self.home = Home(folder / ".viva")
        link_jars(self.home)
        self.live = LiveStack(self.home.root, SCRIPTED)

    async def run(self, script: str) -> str:
        """Run a block as a reader would, with stand-ins for models; returns what it printed."""
        script = script.replace(UP, f"{UP} --scripted --within {START_SECONDS}")
        return await asyncio.to_thread(self._run, script)

    def _run(self, script: str) -> str:
        foreign = ("VIVA_", "KAFKA_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        ran = subprocess.run(
            tied("bash", "-euo", "pipefail", "-c", script),
            cwd=self._folder,
            env={**environment, **SCRIPTED},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    async def start(self) -> None:
        """By the runbook's first block."""
        await self.run(START)
        self.live.client.base_url = stack_status(self.home).base_url

    async def interview(self) -> str:
        """Submit an interview and follow it to its end; its id."""
        answered: dict[str, Any] = await self.live.submit(Asked("q1", "https://example.com/answer.mp4"))
        interview_id = str(answered["interviewRecordId"])
        state = await self.live.ended(interview_id, within=PATIENCE)
        assert state["status"] == "completed", state
        return interview_id

    def logs(self) -> str:
        """What all processes have said."""
        return "\n".join(path.read_text(errors="replace") for path in self.home.logs.glob("*.log"))


@pytest.fixture(scope="module")
async def project(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Project]:
    project = Project(tmp_path_factory.mktemp("project"))
    try:
        await project.start()
        yield project
    finally:
        await project.live.down()


async def test_three_brokers_are_listed_and_none_of_their_copies_is_behind(project: Project) -> None:
    listed = {process.name: process.ready for process in stack_status(project.home).processes}
    assert [listed[name] for name in KAFKA_BROKERS] == [True, True, True]
    await project.interview()

    looked = await project.run(LOOK)

    assert "media.analysis" in looked
    assert "UnderReplicated" not in looked


async def test_an_interview_completes_although_a_broker_is_killed(project: Project) -> None:
    before = await project.interview()

    await project.run(KILL)
    await project.interview()

    await eventually(project.live.ready, within=PATIENCE)
    killed = next(one for one in stack_status(project.home).processes if one.name == "kafka-2")
    assert killed.restarts == 1
    assert (await project.live.interview(before))["status"] == "completed"
    assert project.live.dead_letters() == []


async def test_after_a_stop_and_a_start_everything_is_there_and_nothing_is_sent_again(
    project: Project,
) -> None:
    before = await project.interview()

    await project.run(STOP)
    await project.start()

    assert (await project.live.interview(before))["status"] == "completed"
    await project.interview()
    assert FORGOT not in project.logs()
