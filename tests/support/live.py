"""A whole stack for tests: real processes started by `viva`, spoken to over real connections."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.support.tied import tied
from tests.support.watcher import Watcher
from vivavoce.cli.home import Home
from vivavoce.cli.stack.processes import records
from vivavoce.cli.stack.status import stack_status

VIVA = Path(sys.executable).with_name("viva")
UP_SECONDS = 240
ENDED = ("completed", "partial", "failed")


@dataclass(frozen=True)
class Asked:
    """One question of a submission and where its recording lies."""

    question_id: str
    url: str
    text: str = "Tell us about a problem that you solved."


class LiveStack:
    """A running stack, its gateway's client, and the `viva` command beside it. It ends with the test run."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self._environment = {**os.environ, **environment, "VIVA_HOME": str(home)}
        self._watcher = Watcher(str(VIVA), "down", environment=self._environment)
        self.base_url = ""
        self.client = httpx.AsyncClient(timeout=30)

    def viva(self, *arguments: str, timeout: float = UP_SECONDS) -> str:
        """Run `viva` to its end and return what it printed; raises when it fails."""
        command = tied(str(VIVA), *arguments)
        ran = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        if ran.returncode != 0:
            raise RuntimeError(
                f"viva {' '.join(arguments)} ended {ran.returncode}: {ran.stdout} {ran.stderr}"
            )
        return ran.stdout

    def up(self, *options: str) -> None:
        """Start the stack and wait until all of it is ready."""
        started = self.viva("up", "--detach", "--within", str(UP_SECONDS - 20), *options)
        self.base_url = json.loads(started)["base_url"]
        self.client.base_url = httpx.URL(self.base_url)

    async def down(self) -> None:
        """Stop everything."""
        await self.client.aclose()
        await asyncio.to_thread(self.viva, "down")
        self._watcher.dismiss()

    async def ready(self) -> bool:
        """Whether every part does its work: what was killed is back, and its consumers have joined."""
        status = await asyncio.to_thread(stack_status, Home(self.home))
        return status.ready

    def pids(self) -> dict[str, int]:
        """The process id of every part that was last started, by name."""
        return {name: record.pid for name, record in records(Home(self.home)).items()}

    def kill(self, name: str) -> int:
        """End one process at once and leave the rest to the supervisor; the id that it had."""
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        return pid

    async def submit(self, *asked: Asked, request_id: str | None = None) -> dict[str, Any]:
        """Submit an interview; the answered body."""
        answered = await self.client.post("/api/interview-record", json=body_of(asked, request_id))
        assert answered.status_code in (200, 202), answered.text
        return dict(answered.json())

    async def ended(self, interview_id: str, within: float = 150) -> dict[str, Any]:
        """The interview once it has ended; fails when it takes too long."""
        async with asyncio.timeout(within):
            while True:
                state = await self.interview(interview_id)
                if state.get("status") in ENDED:
                    return state
                await asyncio.sleep(0.5)

    async def interview(self, interview_id: str) -> dict[str, Any]:
        """The interview's state; empty while the gateway doesn't answer."""
        try:
            answered = await self.client.get(f"/api/interview-record/{interview_id}")
        except httpx.TransportError:
            return {}
        return dict(answered.json()) if answered.status_code == 200 else {}

    async def result(self, pipeline_id: str) -> httpx.Response:
        """The job result of one answer."""
        return await self.client.get(f"/api/job-result/by-job/{pipeline_id}")

    def dead_letters(self) -> list[dict[str, Any]]:
        """What lies in the dead-letter topics."""
        found = json.loads(self.viva("dlq", "list", "--json"))
        return list(found["letters"] if isinstance(found, dict) else found)


async def eventually(holds: Callable[[], Awaitable[bool]], within: float, every: float = 0.25) -> None:
    """Return when the condition holds; raises TimeoutError when it takes longer than `within` seconds."""
    async with asyncio.timeout(within):
        held = await holds()
        while not held:
            await asyncio.sleep(every)
            held = await holds()


def body_of(asked: tuple[Asked, ...], request_id: str | None = None) -> dict[str, Any]:
    """A valid submission with these questions."""
    request = request_id or str(uuid4())
    return {
        "meta": {"apiVersion": "1.0.0", "requestId": request, "timestamp": "2026-03-02T12:00:00Z"},
        "application": {
            "id": f"application-{request}",
            "candidate": {"name": "Ada", "surname": "Example", "email": "ada@example.org"},
        },
        "interview": {
            "id": f"interview-{request}",
            "position": {
                "id": "position-1",
                "title": "Data engineer",
                "competencyWeights": {"problem solving": 60, "communication": 40},
            },
            "questions": [
                {
                    "id": one.question_id,
                    "questionText": one.text,
                    "video": {"videoResponseId": f"{request}-{one.question_id}", "url": one.url},
                }
                for one in asked
            ],
        },
    }


def pipelines_of(answered: Mapping[str, Any]) -> dict[str, str]:
    """Question id to pipeline id, from a submission's answer."""
    return {pipeline["questionId"]: pipeline["pipelineId"] for pipeline in answered["pipelines"]}
