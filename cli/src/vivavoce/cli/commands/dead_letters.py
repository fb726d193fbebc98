"""`viva dlq`: messages that could not be handled, and what to do about them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from vivavoce.chassis.dead_letters import DISCARDED, OPEN, REDRIVEN, Action
from vivavoce.cli.broker_place import broker_place
from vivavoce.cli.console import print_json, results, talk
from vivavoce.cli.dead_letter_desk import Order, all_letters, all_settlements, operator, planned, settle
from vivavoce.cli.dead_letter_tables import audit_table, letters_table, steps_table, whole_letter
from vivavoce.cli.dead_letters import Letter, Wanted, chosen
from vivavoce.cli.errors import EXIT_FAILED, CommandFailed
from vivavoce.cli.moments import optional_moment

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Named = Annotated[list[str] | None, typer.Argument(metavar="[LETTER|TOPIC/PARTITION/OFFSET]...")]
Topic = Annotated[str | None, typer.Option(help="Only from this topic, with or without `.dlq`.")]
Group = Annotated[str | None, typer.Option(help="Only those that this group gave up.")]
Error = Annotated[str | None, typer.Option(help="Only with this error code, such as `undecodable`.")]
Key = Annotated[str | None, typer.Option(help="Only with this key.")]
Since = Annotated[str | None, typer.Option(metavar="WHEN", help="Put aside at or after this time.")]
Until = Annotated[str | None, typer.Option(metavar="WHEN", help="Put aside before this time.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many, the oldest.")]
AllStates = Annotated[bool, typer.Option("--all-states", help="Also those redriven or discarded already.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
All = Annotated[bool, typer.Option("--all", help="All open letters; needed when nothing else chooses.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit.")]

dlq = typer.Typer(help="Dead letters: messages that could not be handled.", no_args_is_help=True)


@dlq.command("list")
def list_letters(
    named: Named = None,
    topic: Topic = None,
    group: Group = None,
    error: Error = None,
    key: Key = None,
    since: Since = None,
    until: Until = None,
    all_states: AllStates = False,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List the open dead letters, oldest first."""
    wanted = _wanted(named, topic, group, error, key, since, until)
    found = chosen(_letters(), wanted, all_states=all_states)[:limit]
    if as_json:
        print_json([letter.described().model_dump(mode="json") for letter in found])
    elif found:
        results().print(letters_table(found))
    else:
        talk().print(f"There are no {'' if all_states else 'open '}dead letters like that.")


@dlq.command()
def show(
    named: Named = None,
    topic: Topic = None,
    group: Group = None,
    error: Error = None,
    key: Key = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """Print letters whole: why, where and how often they failed, headers, value, what was done."""
    wanted = _wanted(named, topic, group, error, key, since, until)
    found = chosen(_letters(), wanted, all_states=bool(named))[:limit]
    if not found:
        raise CommandFailed("There is no such dead letter; `viva dlq list --all-states` shows all.")
    if as_json:
        print_json([_whole(letter) for letter in found])
        return
    for letter in found:
        results().print("\n".join(whole_letter(letter)), markup=False, soft_wrap=True)


@dlq.command()
def redrive(
    named: Named = None,
    topic: Topic = None,
    group: Group = None,
    error: Error = None,
    key: Key = None,
    since: Since = None,
    until: Until = None,
    all_states: AllStates = False,
    everything: All = False,
    limit: Limit = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send letters to their topic again, for the group that gave them up and no other."""
    wanted = _wanted(named, topic, group, error, key, since, until)
    letters = _to_settle(wanted, everything, all_states=all_states)[:limit]
    _settle(letters, REDRIVEN, reason, dry_run=dry_run, yes=yes, as_json=as_json)


@dlq.command()
def discard(
    named: Named = None,
    topic: Topic = None,
    group: Group = None,
    error: Error = None,
    key: Key = None,
    since: Since = None,
    until: Until = None,
    all_states: AllStates = False,
    everything: All = False,
    limit: Limit = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Mark letters as settled without sending them."""
    wanted = _wanted(named, topic, group, error, key, since, until)
    letters = _to_settle(wanted, everything, all_states=all_states)[:limit]
    _settle(letters, DISCARDED, reason, dry_run=dry_run, yes=yes, as_json=as_json)


@dlq.command()
def audit(limit: Limit = None, as_json: AsJson = False) -> None:
    """List who redrove or discarded which letter, when and why, oldest first."""
    found = asyncio.run(all_settlements(broker_place()))[:limit]
    if as_json:
        print_json([done.model_dump(mode="json") for done in found])
    elif found:
        results().print(audit_table(found))
    else:
        talk().print("No dead letter was ever redriven or discarded.")


def _wanted(
    named: list[str] | None,
    topic: str | None,
    group: str | None,
    error: str | None,
    key: str | None,
    since: str | None,
    until: str | None,
) -> Wanted:
    now = datetime.now(UTC)
    since_then, until_then = optional_moment(since, now), optional_moment(until, now)
    return Wanted(topic, group, error, key, since_then, until_then, tuple(named or ()))


def _letters() -> list[Letter]:
    return asyncio.run(all_letters(broker_place()))


def _to_settle(wanted: Wanted, everything: bool, *, all_states: bool) -> list[Letter]:
    if wanted.anything and not everything:
        raise CommandFailed("Nothing was chosen: name letters, filter them, or say --all.")
    known = _letters()
    found = chosen(known, wanted, all_states=all_states)
    settled = [letter for letter in chosen(known, wanted, all_states=True) if letter.history.state != OPEN]
    if settled and not all_states:
        talk().print(f"{len(settled)} settled already are left alone; --all-states means them too.")
    return found


def _settle(
    letters: Sequence[Letter], action: Action, reason: str, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    if not letters:
        talk().print("There are no open dead letters like that.")
    elif not dry_run and not yes:
        typer.confirm(f"{len(letters)} dead letters will be {action}. Go on?", abort=True, err=True)
    if dry_run:
        steps = [planned(letter, action) for letter in letters]
    else:
        order = Order(action, operator(), datetime.now(UTC), reason)
        steps = asyncio.run(settle(broker_place(), letters, order)) if letters else []
    if as_json:
        print_json([step.model_dump(mode="json") for step in steps])
    elif steps:
        results().print(steps_table(steps))
    if any(step.problem for step in steps):
        raise typer.Exit(EXIT_FAILED)


def _whole(letter: Letter) -> dict[str, object]:
    value = letter.record.value
    return {
        **letter.described().model_dump(mode="json"),
        "headers": [[name, (value or b"").decode(errors="replace")] for name, value in letter.record.headers],
        "value": None if value is None else value.decode(errors="backslashreplace"),
    }
