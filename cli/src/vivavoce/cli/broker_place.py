"""Which broker a command speaks to: the one that the environment names, or the running stack's."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.cli.home import home_from
from vivavoce.cli.stack.names import GATEWAY
from vivavoce.cli.stack.parts import Plan
from vivavoce.cli.stack.plan import DOORBELL_VARIABLE, KAFKA_VARIABLE
from vivavoce.cli.stack.status import running_plan

CLIENT_ID = "viva"
REQUEST_TIMEOUT_MS = 10_000
AUDIT_JOURNAL = "dlq-audit.jsonl"


@dataclass(frozen=True)
class BrokerPlace:
    """A broker's addresses, and what a stack of this machine has beside it.

    `doorbells` is where consumers want to be told of what was sent; `journal` a file that keeps the
    audit of dead letters for a broker that may forget its topics.
    """

    servers: str
    doorbells: Path | None = None
    journal: Path | None = None

    @property
    def options(self) -> dict[str, Any]:
        """How clients connect."""
        return {
            "bootstrap_servers": self.servers.split(","),
            "client_id": CLIENT_ID,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
        }


def broker_place(environment: Mapping[str, str] = os.environ) -> BrokerPlace:
    """The broker to speak to; raises NotRunning when there is neither a name nor a stack."""
    named = environment.get(KAFKA_VARIABLE)
    if named:
        return BrokerPlace(named)
    home = home_from(environment)
    plan = running_plan(home)
    return BrokerPlace(plan.kafka, _doorbells(plan), home.root / AUDIT_JOURNAL)


def _doorbells(plan: Plan) -> Path | None:
    """Read off the plan, which says whether its broker needs them."""
    found = (
        process.environment.get(DOORBELL_VARIABLE) for process in plan.processes if process.name == GATEWAY
    )
    folder = next(found, None)
    return Path(folder) if folder else None
