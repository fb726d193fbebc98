"""What authentication, limits and the audit log add to a request: `python -m bench.door`.

What. One process over an embedded database in its durable mode, without a server. Rows:

    token     an issuer's RS256 token that this process has seen within the minute
    new token the same, seen for the first time: its signature is checked
    API key   one that this process knows; it asks for what it knows again every few seconds
    limits    a request counted for its address and for its caller, in windows that all instances share;
              each caller sends 500 requests
    audit     a transaction that writes one document, with an entry in the audit log less without

Numbers. The median of the rounds, which take turns: microseconds per request, and commands to the database
per 1,000 requests, those beside requests included. `--seconds` is a round's length. The result is printed
and written to `bench/door.json` in VIVA_HOME (or `.viva`).
"""

import argparse
import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from pymongo import monitoring
from starlette.requests import Request

from bench import machine
from bench.infrastructure import infrastructure
from bench.place import folder, prepare, report, say, table
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Document
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.cli.home import Home
from vivavoce.cli.stack.environment import AUDIENCE, ISSUER
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.tokens import Role, mint
from vivavoce.contracts import AuditAction
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.auth.permissions import authenticate
from vivavoce.gateway.auth.principals import Permission, user
from vivavoce.gateway.auth.principals import Role as Held
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.web import make_parts
from vivavoce.gateway.webhooks.notifier import NobodyAsks

ORGANIZATION, PATH = "org_bench", "/api/interview-record"
OF_ONE_CALLER = 500
"""Requests within its limit; then it is another caller's turn."""
LIFETIME = timedelta(hours=1)
MICROSECONDS, THOUSAND = 1e6, 1_000
Work = Callable[[], Awaitable[object]]


class Commands(monitoring.CommandListener):
    """How many commands this process has sent."""

    def __init__(self) -> None:
        self.sent = 0

    def started(self, _: monitoring.CommandStartedEvent) -> None:
        """Count it."""
        self.sent += 1

    def succeeded(self, _: monitoring.CommandSucceededEvent) -> None:
        """Of no interest here."""

    def failed(self, _: monitoring.CommandFailedEvent) -> None:
        """Of no interest here."""


class Written(Document):
    """What an audited operation writes."""

    text: str = "written"


@dataclass(frozen=True)
class Cost:
    """Seconds and commands per request."""

    seconds: float
    commands: float


async def _cost(work: Work, seconds: float, commands: Commands) -> Cost:
    done, sent, began = 0, commands.sent, time.perf_counter()
    while time.perf_counter() - began < seconds:
        await work()
        done += 1
    return Cost((time.perf_counter() - began) / done, (commands.sent - sent) / done)


def _request(credential: str) -> Request:
    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {credential}".encode())]
    return Request({"type": "http", "method": "GET", "path": PATH, "headers": headers})


def _recognized(parts: Parts, credential: str) -> Work:
    return lambda: authenticate(_request(credential), parts)


def _counted(parts: Parts) -> Work:
    request, numbers = _request(""), itertools.count()

    async def count() -> None:
        caller = next(numbers) // OF_ONE_CALLER
        await parts.limits.admit_address(f"address-{caller}", PATH)
        await parts.limits.admit(request, user(f"user-{caller}", ORGANIZATION, Held.ADMIN))

    return count


def _stored(parts: Parts, *, audited: bool) -> Work:
    documents = parts.database.collection("bench_written", Written)

    async def store() -> None:
        document = Written(id=new_id(), organization_id=ORGANIZATION)

        async def write(uow: UnitOfWork) -> None:
            await documents.insert(document, uow)
            if audited:
                await parts.audit.record(uow, AuditAction.API_KEY_CREATE, document.id, after=document)

        await parts.database.transact(Context(ORGANIZATION, new_id()), write)

    return store


async def measure(uri: str, home: Home, seconds: float, rounds: int) -> dict[str, Cost]:
    """The costs by the table's rows."""
    keys, commands, clock = ensure_keys(home), Commands(), SystemClock()
    monitoring.register(commands)
    issuer = {"token_jwks_file": keys.jwks, "token_issuer": ISSUER, "token_audience": AUDIENCE}
    known, forgetful = (
        GatewaySettings.model_validate({**issuer, "token_cache_seconds": seconds}) for seconds in (60, 0)
    )
    database = MongoDatabase(uri, "viva_gateway", source="/bench", clock=clock)
    parts, forgetful_parts = (
        make_parts(settings, database, NobodyAsks(), clock, {}) for settings in (known, forgetful)
    )
    token = mint(
        keys,
        role=Role.ADMIN,
        organization=ORGANIZATION,
        subject="bench",
        now=datetime.now(UTC),
        lifetime=LIFETIME,
    )
    admin = user("bench", ORGANIZATION, Held.ADMIN)
    bare = _stored(parts, audited=False)
    try:
        await database.prepare()
        issued = await parts.api_keys.issue(
            admin, Context(ORGANIZATION, new_id()), name="bench", scopes=(Permission.READ,)
        )
        works = {
            "token": _recognized(parts, token),
            "new token": _recognized(forgetful_parts, token),
            "API key": _recognized(parts, issued.key),
            "limits": _counted(parts),
            "a transaction": bare,
            "the same, audited": _stored(parts, audited=True),
        }
        found = await _in_turns(works, seconds, rounds, commands)
    finally:
        await database.close()
    return found


async def _in_turns(
    works: dict[str, Work], seconds: float, rounds: int, commands: Commands
) -> dict[str, Cost]:
    found: dict[str, list[Cost]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            cost = await _cost(work, seconds, commands)
            if turn:
                found[name].append(cost)
    return {name: _median(costs) for name, costs in found.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(median(each.seconds for each in costs), median(each.commands for each in costs))


def _rows(costs: dict[str, Cost]) -> list[tuple[str, ...]]:
    bare, audited = costs["a transaction"], costs["the same, audited"]
    told = {**costs, "audit": Cost(audited.seconds - bare.seconds, audited.commands - bare.commands)}
    return [
        (name, f"{cost.seconds * MICROSECONDS:.1f}", f"{cost.commands * THOUSAND:.1f}")
        for name, cost in told.items()
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.door", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each row")
    chosen = parser.parse_args(arguments)
    prepare()
    root = folder() / "door"
    with infrastructure(root) as shared:
        say("Measuring what the door adds …")
        costs = asyncio.run(measure(shared.mongodb, Home(root), chosen.seconds, chosen.rounds))
    told: dict[str, Any] = {"machine": machine.described(), "costs": costs}
    heading = f"{chosen.rounds} rounds of {chosen.seconds:g} s"
    columns = ("", "µs per request", "commands per 1,000")
    report("door", told, [table(heading, columns, _rows(costs))])
    return 0


if __name__ == "__main__":
    sys.exit(main())
