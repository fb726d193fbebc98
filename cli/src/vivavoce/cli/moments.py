"""Times as people give them to commands: a date, a time, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from vivavoce.cli.errors import CommandFailed

_AGO = re.compile(r"(?P<number>\d+)\s*(?P<unit>s|min|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
WHEN = "a time such as 2026-03-02T12:00, or how long ago: 90s, 15min, 2h, 3d"


def moment_of(text: str, now: datetime) -> datetime:
    """The time in UTC; one without a zone is this machine's. Raises CommandFailed."""
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandFailed(f"{text!r} is no time; give {WHEN}.") from None


def optional_moment(text: str | None, now: datetime) -> datetime | None:
    """Like `moment_of`, or None when none was given."""
    return None if text is None else moment_of(text, now)


def shown(moment: datetime) -> str:
    """A time for people, in this machine's zone."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
