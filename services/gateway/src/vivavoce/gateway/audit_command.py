"""`python -m vivavoce.gateway audit`: verifies the audit log, told as JSON in the last line."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import configure_logging
from vivavoce.contracts import AuditAction
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.app import connect
from vivavoce.gateway.audit.actors import operator
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.reports import AuditReport, ChainReport, Known
from vivavoce.gateway.audit.verification import Verifier
from vivavoce.gateway.settings import GatewaySettings


def main(arguments: Sequence[str]) -> None:
    """Verify the chains, print the report and end; exits with what was wrong when it broke off."""
    options = _options(arguments)
    settings = GatewaySettings()
    configure_logging(settings)
    try:
        report = asyncio.run(_run(settings, options))
    except VivaError as error:
        sys.exit(f"The verification broke off: {error.message}")
    sys.stdout.write(report.model_dump_json() + "\n")


async def _run(settings: GatewaySettings, options: argparse.Namespace) -> AuditReport:
    clock, secret = SystemClock(), settings.signing_secret.get_secret_value()
    database = connect(settings, clock)
    try:
        audit = AuditLog(database, clock, secret)
        verifier = Verifier(database, audit, clock, secret=secret)
        if options.seal:
            return await seal(verifier, audit, options.organization)
        return await verify(verifier, options.organization, options.known)
    finally:
        await database.close()


async def verify(verifier: Verifier, organization: str | None, known: Known | None = None) -> AuditReport:
    """The report on one organization's chain, or on all."""
    found = [await verifier.verify(each, known) async for each in _chosen(verifier, organization)]
    return AuditReport(chains=tuple(found))


async def seal(verifier: Verifier, audit: AuditLog, organization: str | None) -> AuditReport:
    """The report after the heads were sealed anew, each of which is recorded as the operator's deed."""
    found: list[ChainReport] = []
    async for each in _chosen(verifier, organization):
        found.append(await verifier.seal(each))
        if found[-1].broken is None:
            context = Context(each, new_id(), actor=operator())
            await audit.note(context, AuditAction.AUDIT_SEAL, str(found[-1].head_number))
    return AuditReport(chains=tuple(found))


async def _chosen(verifier: Verifier, organization: str | None) -> AsyncIterator[str]:
    if organization is not None:
        yield organization
        return
    async for each in verifier.organizations():
        yield each


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vivavoce.gateway audit", description=main.__doc__)
    parser.add_argument("--organization", help="only its chain")
    parser.add_argument("--known", type=_known, metavar="NUMBER:HASH", help="a head that was told earlier")
    parser.add_argument("--seal", action="store_true", help="seal intact heads with today's SIGNING_SECRET")
    options = parser.parse_args(arguments)
    if options.known is not None and options.organization is None:
        parser.error("--known needs --organization")
    return options


def _known(text: str) -> Known:
    number, _, told = text.partition(":")
    return Known(int(number), told)
