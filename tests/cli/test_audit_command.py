"""`viva audit verify`, as an operator types it: through the gateway's own command, over a real database."""

import asyncio
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.support.embedded_mongo import EmbeddedMongo, embedded_mongo
from tests.support.shared import ROOT
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.cli import gateway_command
from vivavoce.cli.app import main
from vivavoce.cli.stack.parts import Plan, Process
from vivavoce.contracts import AuditAction
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.reports import Problem
from vivavoce.gateway.audit.sequencer import Sequencer

__all__ = ["embedded_mongo"]
SECRET = "s" * 32
Viva = Callable[..., tuple[int, str, str]]


@pytest.fixture
def name(embedded_mongo: EmbeddedMongo) -> str:
    """A database in which two organizations have done three things each."""
    name = f"viva_{new_id()[:8]}"
    asyncio.run(_fill(embedded_mongo.uri, name))
    return name


async def _fill(uri: str, name: str) -> None:
    clock = SystemClock()
    database = MongoDatabase(uri, name, source="/vivavoce/test", clock=clock)
    audit = AuditLog(database, clock, SECRET)
    await database.prepare()
    for number in range(3):
        for organization in ("org_a", "org_b"):
            await audit.note(Context(organization, new_id()), AuditAction.API_KEY_CREATE, str(number))
    await Sequencer(database, audit, clock, owner="1", secret=SECRET).chain_once()
    await database.close()


@pytest.fixture
def viva(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    embedded_mongo: EmbeddedMongo,
    name: str,
) -> Viva:
    """Runs `viva` beside a stack whose gateway has that database; its exit code and what it printed."""
    gateway = Process(
        name="gateway",
        room="services",
        command=(sys.executable, "-m", "vivavoce.gateway"),
        environment={
            "MONGODB_URI": embedded_mongo.uri,
            "MONGODB_DATABASE": name,
            "SIGNING_SECRET": SECRET,
        },
    )
    plan = Plan(base_url="", kafka="", mongodb=None, processes=(gateway,))
    monkeypatch.setattr(gateway_command, "running_plan", lambda _: plan)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["viva", "audit", "verify", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def chains(printed: str) -> dict[str, Any]:
    return {chain["organization_id"]: chain for chain in json.loads(printed)["chains"]}


def test_it_tells_each_chain_and_ends_with_1_where_one_breaks(
    viva: Viva, embedded_mongo: EmbeddedMongo, name: str
) -> None:
    code, printed, _ = viva("--json")
    found = chains(printed)
    assert code == 0
    assert {each: (chain["verified"], chain["sealed"]) for each, chain in found.items()} == {
        "org_a": (3, True),
        "org_b": (3, True),
    }
    code, printed, _ = viva("--org", "org_a", "--known", "3:" + "0" * 64, "--json")
    assert (code, chains(printed)["org_a"]["broken"]["problem"]) == (1, "forgotten")

    with MongoClient[dict[str, Any]](embedded_mongo.uri) as client:
        client[name]["audit_entries"].update_one(
            {"organization_id": "org_b", "number": 2}, {"$set": {"actor_id": "eve"}}
        )
    code, printed, _ = viva()
    assert code == 1
    assert "2: the entry is not what was written" in " ".join(printed.replace("│", " ").split())


def test_a_known_head_needs_its_organization(viva: Viva) -> None:
    code, _, said = viva("--known", "3:00")
    assert code == 1
    assert "--org" in said


def test_the_runbook_explains_every_problem() -> None:
    text = (Path(ROOT) / "docs/runbooks/audit.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {each.value for each in Problem}
