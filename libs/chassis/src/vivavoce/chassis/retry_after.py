"""Reads the HTTP header Retry-After, in both of its forms."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 86_400.0


def seconds_until(header: str | None, now: datetime) -> float | None:
    """The seconds to wait, from a number or a date (RFC 9110, 10.2.3), at most a day; None without either."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_SECONDS)
