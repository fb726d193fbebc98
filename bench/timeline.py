"""Where the time of an interview goes: when each fact was said and when each group took it.

Read after the load from what a pipeline keeps anyway, its outboxes and inboxes, so that measuring
takes nothing from what is measured. Times are to the millisecond.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pymongo import MongoClient

Stored = Mapping[str, Any]
InterviewOf = Callable[[Stored], str]
FIRST = "interview.submitted"


def by_correlation(row: Stored) -> str:
    """The interview of a row of the system: one correlation id runs through all of it."""
    return next(bytes(value).decode() for name, value in row["headers"] if name == "ce_correlationid")


def by_aggregate(row: Stored) -> str:
    """The interview of a row of the bare chain, which is its aggregate."""
    return str(row["aggregate"])


class Timeline:
    """The outboxes and inboxes of the databases whose names begin with a prefix."""

    def __init__(self, mongodb: str, prefix: str, interview_of: InterviewOf) -> None:
        with MongoClient[dict[str, Any]](mongodb, tz_aware=True) as client:
            names = [name for name in client.list_database_names() if name.startswith(prefix)]
            self._rows = [row for name in names for row in client[name]["outbox"].find({})]
            self._marks = [mark for name in names for mark in client[name]["inbox"].find({})]
        self._interview_of = interview_of

    def counted(self, begun: datetime, ended: datetime) -> tuple[int, int]:
        """How many facts were said about the interviews of a span of time, and how often one was taken."""
        _, said = self._said(begun, ended)
        taken = sum(str(mark["_id"]).partition("/")[2] in said for mark in self._marks)
        return len(said), taken

    def since_submission(self, begun: datetime, ended: datetime) -> dict[str, list[float]]:
        """Seconds from each interview's submission to each happening, for those submitted in a span."""
        first, said = self._said(begun, ended)
        found: dict[str, list[float]] = {}
        for interview, row in said.values():
            after = (row["created_at"] - first[interview]).total_seconds()
            found.setdefault(f"{row['topic']} said", []).append(after)
        for mark in self._marks:
            group, _, event_id = str(mark["_id"]).partition("/")
            if event_id in said:
                interview, row = said[event_id]
                after = (mark["handled_at"] - first[interview]).total_seconds()
                found.setdefault(f"{row['topic']} taken by {group}", []).append(after)
        return found

    def _said(
        self, begun: datetime, ended: datetime
    ) -> tuple[dict[str, datetime], dict[str, tuple[str, Stored]]]:
        """When each interview of the span was submitted, and what was said of it by event id."""
        first: dict[str, datetime] = {
            self._interview_of(row): row["created_at"]
            for row in self._rows
            if row["topic"] == FIRST and begun <= row["created_at"] <= ended
        }
        said: dict[str, tuple[str, Stored]] = {
            str(row["event_id"]): (interview, row)
            for row in self._rows
            if (interview := self._interview_of(row)) in first
        }
        return first, said
