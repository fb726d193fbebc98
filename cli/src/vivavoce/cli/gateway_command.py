"""Runs one of the gateway's own commands with the environment of the running stack's gateway."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import home_from
from vivavoce.cli.stack.names import GATEWAY
from vivavoce.cli.stack.status import running_plan

LAST_WORDS = 2000

REPORT = TypeVar("REPORT", bound=BaseModel)


def told_by_gateway(kind: type[REPORT], arguments: Sequence[str], environment: Mapping[str, str]) -> REPORT:
    """What the command tells in its last line; raises NotRunning, or CommandFailed with its last words."""
    plan = running_plan(home_from(environment))
    gateway = next(process for process in plan.processes if process.name == GATEWAY)
    ran = subprocess.run(
        [*gateway.command, *arguments],
        env={**environment, **gateway.environment},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
        check=False,
    )
    last = ran.stdout.strip().rpartition("\n")[2]
    try:
        return kind.model_validate(json.loads(last))
    except (ValueError, ValidationError):
        told = ran.stdout[-LAST_WORDS:].strip()
        raise CommandFailed(f"The {arguments[0]} broke off: {told}") from None
