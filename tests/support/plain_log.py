"""The log of tests: as a person reads it, with errors shown plainly."""

import structlog


def log_plainly() -> None:
    """Log to standard output without drawing the locals of a traceback, which takes minutes for a gateway's."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, renderer]
    )
