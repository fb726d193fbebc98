"""The log of tests: as a person reads it, with errors shown plainly."""

import structlog


def log_plainly() -> None:
    """Log without drawing the locals of tracebacks, which takes minutes for those of a gateway."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, renderer]
    )
