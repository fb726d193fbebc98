"""One JSON line per happening, with who it was for and no secret in it."""

import logging
import sys
from typing import cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from vivavoce.chassis.correlation import current_context
from vivavoce.chassis.redaction import redacted
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.tracing import current_ids, ids_in

REPEAT_SECONDS = 10.0
MOST_REMEMBERED = 1_000
_NOISY_LOGGERS = dict.fromkeys(
    ("aiokafka", "httpcore", "httpx", "pymongo", "uvicorn.access", "urllib3"), logging.WARNING
)
"""What tells of each request, some of them with its whole address."""


class FewRepeats(logging.Filter):
    """Lets each message of one library through once in a while.

    While a broker is away, aiokafka's clients tell so hundreds of times a second, which would soon
    push everything else out of a log of bounded size.
    """

    def __init__(self, library: str, every: float = REPEAT_SECONDS) -> None:
        super().__init__(library)
        self._every = every
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if not super().filter(record):
            return True
        message, now = f"{record.name} {record.getMessage()}", record.created
        if now - self._told.get(message, now - self._every) < self._every:
            return False
        if len(self._told) >= MOST_REMEMBERED:
            self._told.clear()
        self._told[message] = now
        return True


def get_logger(name: str) -> FilteringBoundLogger:
    """A structured logger; what is bound to the running task is added to each line."""
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name))


def configure_logging(settings: ServiceSettings) -> None:
    """Write everything, of our own and of libraries, as lines to standard output."""
    shared = _shared_processors(settings.service_name)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    logging.raiseExceptions = False  # or a line that can't be written is printed as it came
    handler.setFormatter(_formatter(settings.log_format, shared))
    handler.addFilter(FewRepeats("aiokafka"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    _route_libraries(root.level)


def _shared_processors(service: str) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(allow=["topic", "group_id"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _service_adder(service),
        add_context,
        structlog.processors.format_exc_info,
        redact,
    ]


def _formatter(log_format: str, shared: list[Processor]) -> logging.Formatter:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if log_format == "console" else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _route_libraries(level: int) -> None:
    for name in ("uvicorn", "uvicorn.error", "faststream", *_NOISY_LOGGERS):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
        library.setLevel(max(level, _NOISY_LOGGERS.get(name, level)))


def _service_adder(service: str) -> Processor:
    def add_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add_service


def add_context(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add the ids of the context that the running task is bound to, and of its span or what led to it."""
    context = current_context()
    ids = current_ids()
    if context is not None:
        event["correlation_id"] = context.correlation_id
        event["organization_id"] = context.organization_id
        ids = ids or ids_in(context.traceparent)
    if ids is not None:
        event["trace_id"], event["span_id"] = ids
    return event


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide secrets and personal data, see `redaction`."""
    return {name: redacted(name, value) for name, value in event.items()}
