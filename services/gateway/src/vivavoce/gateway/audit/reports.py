"""What a verification of the audit log tells."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class Problem(StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "changed"
    LINK = "link"
    MISSING = "missing"
    INSERTED = "inserted"
    STRANGER = "stranger"
    HEAD = "head"
    SEAL = "seal"
    FORGOTTEN = "forgotten"
    WAITING = "waiting"
    UNREADABLE = "unreadable"


MEANINGS = {
    Problem.CHANGED: "the entry is not what was written",
    Problem.LINK: "the entry doesn't follow the one before it",
    Problem.MISSING: "the entry is missing",
    Problem.INSERTED: "there are two entries of this number",
    Problem.STRANGER: "there are entries that are not in the chain",
    Problem.HEAD: "the head is not the last entry",
    Problem.SEAL: "the head was not written by this deployment, or with another SIGNING_SECRET",
    Problem.FORGOTTEN: "the chain no longer holds the head that was seen earlier",
    Problem.WAITING: "the entry should have been chained long ago",
    Problem.UNREADABLE: "the entry, or the head, can't be read",
}


class Known(NamedTuple):
    """A head as it was once told."""

    number: int
    hash: str


class Report(BaseModel):
    """A part of what is told."""

    model_config = ConfigDict(frozen=True)


class Break(Report):
    """Where a chain breaks first, and how; `sentence` says it for people."""

    problem: Problem
    number: int | None
    entry_id: str | None
    sentence: str


def break_at(problem: Problem, number: int | None = None, entry_id: str | None = None) -> Break:
    """A break, with its sentence."""
    where = "" if number is None else f"{number}: "
    return Break(problem=problem, number=number, entry_id=entry_id, sentence=where + MEANINGS[problem])


class ChainReport(Report):
    """One organization's chain: how much of it is verified, its head, and what still waits for the chain."""

    organization_id: str
    verified: int
    head_number: int
    head_hash: str
    sealed: bool
    waiting: int
    broken: Break | None = None


class AuditReport(Report):
    """Every chain that was looked at."""

    chains: tuple[ChainReport, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong with any of them."""
        return all(chain.broken is None for chain in self.chains)
