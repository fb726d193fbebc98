"""The `viva` command: every sub-command in one table."""

import sys

import typer

from vivavoce.chassis.errors import VivaError
from vivavoce.cli.commands import (
    access,
    audit,
    broker,
    dead_letters,
    interviews,
    outbox,
    replay,
    stack,
    traces,
)
from vivavoce.cli.console import log_to_talk, talk
from vivavoce.cli.errors import EXIT_FAILED, CommandFailed


def make_app() -> typer.Typer:
    """The command line with all its commands."""
    app = typer.Typer(
        help="Vivavoce on one machine: the stack, the demo, interviews, keys, topics.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
    )
    for command in (
        *(stack.up, stack.status, stack.down, stack.logs),
        *(interviews.demo, interviews.submit, interviews.report),
        *(access.token, broker.topics, replay.replay, traces.trace),
    ):
        app.command()(command)
    app.add_typer(access.apikey, name="apikey")
    app.add_typer(audit.audit, name="audit")
    app.add_typer(dead_letters.dlq, name="dlq")
    app.add_typer(outbox.outbox, name="outbox")
    return app


def main() -> None:
    """Run a command; what it can't do it says in one sentence on standard error."""
    log_to_talk()
    try:
        make_app()()
    except CommandFailed as failure:
        talk().print(failure.message, style="red", markup=False, soft_wrap=True)
        sys.exit(failure.exit_code)
    except VivaError as error:
        talk().print(error.message, style="red", markup=False, soft_wrap=True)
        sys.exit(EXIT_FAILED)
