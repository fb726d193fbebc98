"""Starts the gateway's replay over the running stack."""

import os
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from vivavoce.cli.gateway_command import told_by_gateway


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
    command = ["replay", "--since", since.isoformat()]
    command += ["--until", until.isoformat()] if until else []
    command += ["--dry-run"] if dry_run else []
    return told_by_gateway(ReplayReport, command, environment)
