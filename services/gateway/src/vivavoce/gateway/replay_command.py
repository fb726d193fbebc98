"""`python -m vivavoce.gateway replay`: one run over the topics, told as JSON in the last line."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import configure_logging
from vivavoce.contracts import AuditAction
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.app import build_replay
from vivavoce.gateway.audit.actors import operator
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.sequencer import DEPLOYMENT
from vivavoce.gateway.replay import ReplayReport, records_between
from vivavoce.gateway.settings import GatewaySettings


def main(arguments: Sequence[str]) -> None:
    """Replay, print the report and end; exits with what was wrong when the run broke off.

    It may be run again from its beginning: what has been applied says nothing new then.
    """
    options = _options(arguments)
    settings = GatewaySettings()
    configure_logging(settings)
    try:
        report = asyncio.run(_replay(settings, options))
    except VivaError as error:
        sys.exit(f"The replay broke off: {error.message}")
    sys.stdout.write(report.model_dump_json() + "\n")


async def _replay(settings: GatewaySettings, options: argparse.Namespace) -> ReplayReport:
    replay = build_replay(settings, dry_run=options.dry_run)
    try:
        if not options.dry_run:
            audit = AuditLog(replay.database, SystemClock(), settings.signing_secret.get_secret_value())
            context = Context(DEPLOYMENT, new_id(), actor=operator())
            await audit.note(context, AuditAction.READ_MODEL_REPLAY, replay.group)
        records = records_between(settings, sorted(replay.rows), options.since, options.until)
        return await replay.run(records)
    finally:
        await replay.database.close()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vivavoce.gateway replay", description=main.__doc__)
    parser.add_argument("--since", type=_moment, required=True, help="ISO 8601, such as 2026-03-02T12:00Z")
    parser.add_argument("--until", type=_moment, help="likewise")
    parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    return parser.parse_args(arguments)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()
