"""The two voices of a command: results to standard output, talk to standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 120


def _width(terminal: bool) -> int | None:
    return None if terminal else WIDTH_WITHOUT_TERMINAL


def results() -> Console:
    """Where tables and reports go."""
    return Console(highlight=False, width=_width(sys.stdout.isatty()))


def talk() -> Console:
    """Where progress and remarks go, so that results can be piped."""
    return Console(stderr=True, highlight=False, width=_width(sys.stderr.isatty()))


def log_to_talk() -> None:
    """Write what libraries log in a command to standard error, for results may be read by programs."""
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            # The default shows the locals of a traceback, which may be secrets.
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


@contextmanager
def waiting(console: Console, text: str) -> Iterator[Callable[[str], None]]:
    """Say what is waited for: a spinner in a terminal, one line elsewhere. Yields a way to say more."""
    if not console.is_terminal:
        console.print(text)
        yield lambda _: None
        return
    with console.status(text) as spinner:
        yield spinner.update


def plain(text: str) -> str:
    """A text from outside without the characters that could steer a terminal."""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def print_json(value: object) -> None:
    """Write one JSON document, and nothing else, to standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
