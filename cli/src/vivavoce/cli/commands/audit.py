"""`viva audit`: whether the audit log is what was written."""

import os
from typing import Annotated

import typer
from rich.table import Table

from vivavoce.cli.auditing import AuditReport, Chain, verify_audit
from vivavoce.cli.console import plain, print_json, results
from vivavoce.cli.errors import EXIT_FAILED, CommandFailed

audit = typer.Typer(help="The audit log.", no_args_is_help=True)


@audit.callback()
def _audit() -> None:
    """Who did what to what, chained so that no entry can be changed without being found out."""


@audit.command()
def verify(
    org: Annotated[str | None, typer.Option("--org", help="Only this organization's chain.")] = None,
    known: Annotated[
        str | None,
        typer.Option("--known", metavar="NUMBER:HASH", help="A head that was told earlier; needs --org."),
    ] = None,
    seal: Annotated[
        bool, typer.Option("--seal", help="After a change of SIGNING_SECRET: seal intact heads anew.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Walk each chain from its first entry to its head; ends with 1 where one breaks."""
    if known is not None and org is None:
        raise CommandFailed("A head is one organization's: say which with --org.")
    report = verify_audit(org, known, seal=seal, environment=os.environ)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        results().print(_table(report))
    if not report.intact:
        raise typer.Exit(EXIT_FAILED)


def _table(report: AuditReport) -> Table:
    table = Table()
    for heading in ("organization", "verified", "waiting", "head", "state"):
        table.add_column(heading, overflow="fold")
    for chain in report.chains:
        head = f"{chain.head_number}:{chain.head_hash}" if chain.head_number else "–"
        organization = plain(chain.organization_id)
        table.add_row(organization, str(chain.verified), str(chain.waiting), head, plain(_state(chain)))
    return table


def _state(chain: Chain) -> str:
    if chain.broken is None:
        return "intact" if chain.sealed or not chain.head_number else "intact, not sealed"
    return chain.broken.sentence
