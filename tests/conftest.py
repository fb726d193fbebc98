"""What holds for every test."""

import structlog

from tests.support.plain_log import log_plainly


def pytest_configure() -> None:
    """Show errors in captured logs plainly."""
    structlog.reset_defaults()
    log_plainly()
