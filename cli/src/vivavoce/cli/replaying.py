"""Starts the gateway's replay with the environment of the running stack's gateway."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import home_from
from vivavoce.cli.stack.names import GATEWAY
from vivavoce.cli.stack.status import running_plan

LAST_WORDS = 2000


class ReplayReport(BaseModel):
    """What a replay did: facts read, and what became of them."""

    model_config = ConfigDict(extra="ignore")

    read: int
    applied: int
    unchanged: int
    repeated: int
    ignored: int
    undecodable: int
    unknown: int
    failed: int
    dry_run: bool


def replay(
    since: datetime, until: datetime | None, *, dry_run: bool, environment: Mapping[str, str] = os.environ
) -> ReplayReport:
    """Run the replay to its end; raises NotRunning, or CommandFailed with its last words."""
    plan = running_plan(home_from(environment))
    gateway = next(process for process in plan.processes if process.name == GATEWAY)
    command = [*gateway.command, "replay", "--since", since.isoformat()]
    command += ["--until", until.isoformat()] if until else []
    command += ["--dry-run"] if dry_run else []
    ran = subprocess.run(
        command,
        env={**environment, **gateway.environment},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        check=False,
    )
    last = ran.stdout.strip().rpartition("\n")[2]
    try:
        return ReplayReport.model_validate(json.loads(last))
    except (ValueError, ValidationError):
        raise CommandFailed(f"The replay broke off: {ran.stdout[-LAST_WORDS:].strip()}") from None
