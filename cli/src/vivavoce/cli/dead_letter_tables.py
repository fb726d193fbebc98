"""Dead letters and what was done about them, for people."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.table import Table

from vivavoce.chassis.dead_letters import OPEN, Settlement
from vivavoce.cli.console import plain
from vivavoce.cli.dead_letter_desk import Step
from vivavoce.cli.dead_letters import Letter
from vivavoce.cli.moments import shown

GLANCE_BYTES = 512
HEX_WIDTH = 32


def letters_table(letters: Iterable[Letter]) -> Table:
    """One row per letter."""
    headings = ("letter", "topic", "offset", "key", "group", "error", "tries", "time", "state")
    table = _table(*headings)
    for letter in letters:
        told = letter.described()
        table.add_row(
            *_cells(
                *(told.id, told.topic, told.offset, told.key, told.group),
                *(letter.error_code or None, told.attempts),
                *(shown(told.time), state_of(letter)),
            )
        )
    return table


def state_of(letter: Letter) -> str:
    """Open, or what was done last, when and by whom."""
    if letter.history.state == OPEN:
        return OPEN
    last = letter.history.settlements[-1]
    return f"{last.action} {shown(last.at)} by {last.by}"


def steps_table(steps: Iterable[Step]) -> Table:
    """One row per letter that something was to be done about."""
    table = _table("letter", "place", "action", "to", "redrive id", "problem")
    for step in steps:
        to = f"{step.topic} for {step.group}" if step.topic else None
        action = step.action if step.problem is None else "nothing"
        table.add_row(*_cells(step.letter_id, step.place, action, to, step.redrive_id, step.problem))
    return table


def audit_table(settlements: Iterable[Settlement]) -> Table:
    """One row per step."""
    table = _table("when", "who", "action", "letter", "place", "event", "group", "redrive id", "reason")
    for done in settlements:
        table.add_row(
            *_cells(
                *(shown(done.at), done.by, done.action, done.letter_id, done.place, done.event_id),
                *(done.group, done.redrive_id, done.reason or None),
            )
        )
    return table


def whole_letter(letter: Letter) -> Iterator[str]:
    """The lines that show one letter with everything that is known of it."""
    told = letter.described()
    yield f"letter {told.id}  ({state_of(letter)})"
    yield f"  lies at    {', '.join(letter.copies)}, since {shown(told.time)}"
    yield f"  given up   by {told.group} after {told.attempts} tries; first failed {told.first_failed_at}"
    yield f"  because    {told.error}"
    yield f"  came from  {told.original_topic}/{told.original_partition}/{told.original_offset}"
    for done in letter.history.settlements:
        again = f", redrive id {done.redrive_id}" if done.redrive_id else ""
        yield f"  {done.action:<10} {shown(done.at)} by {done.by}: {done.reason or 'no reason given'}{again}"
    yield "headers"
    for name, value in letter.record.headers:
        yield f"  {plain(name)}: {plain((value or b'').decode(errors='backslashreplace'))}"
    yield f"key {plain(told.key) if told.key is not None else '–'}"
    yield f"value ({told.bytes} bytes{'' if told.complete else '; too large for the letter'})"
    for line in value_lines(letter.record.value):
        yield f"  {line}"


def value_lines(value: bytes | None) -> list[str]:
    """A value for people: JSON in order, other text escaped, other bytes in hexadecimal, the beginning."""
    if not value:
        return ["–"]
    try:
        document: Any = json.loads(value)
    except (ValueError, RecursionError):
        return _glance(value)
    return [plain(line) for line in json.dumps(document, indent=2, ensure_ascii=False).splitlines()]


def _glance(value: bytes) -> list[str]:
    part = value[:GLANCE_BYTES]
    more = [f"… and {len(value) - len(part)} bytes more"] if len(value) > len(part) else []
    try:
        return [repr(part.decode()), *more]
    except UnicodeDecodeError:
        rows = range(0, len(part), HEX_WIDTH)
        return [*(part[row : row + HEX_WIDTH].hex(" ", 2) for row in rows), *more]


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading == "letter")
    return table


def _cells(*values: object) -> tuple[str, ...]:
    return tuple("–" if value is None else plain(str(value)) for value in values)
