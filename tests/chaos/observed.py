"""What was seen of the system from outside: frozen, so that it can be judged, and made up in tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCORED, COMPLETED = "score.generated", "interview.completed"


@dataclass(frozen=True)
class Answered:
    """One answer to a submission or to its repeat."""

    status: int
    interview_id: str = ""
    pipelines: tuple[tuple[str, str], ...] = ()
    """Pairs of question id and pipeline id."""


@dataclass(frozen=True)
class Submission:
    """One interview as its caller knows it. `good` says of each question whether its recording is.

    `said` has what is said in those of its recordings that are analysed for real, by question.
    """

    request_id: str
    good: Mapping[str, bool]
    answers: tuple[Answered, ...]
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> Answered | None:
        """The first answer that took it on."""
        return next((answer for answer in self.answers if answer.status in {200, 202}), None)

    @property
    def expected(self) -> str:
        """How it ends when nothing but its own recordings counts."""
        if all(self.good.values()):
            return "completed"
        return "partial" if any(self.good.values()) else "failed"


@dataclass(frozen=True)
class Told:
    """One public event as it lay on a topic or came to a subscriber."""

    event_id: str
    type: str
    data: Mapping[str, Any]

    @property
    def subject(self) -> tuple[str, str]:
        """The event's type, and the answer or interview that it speaks of."""
        key = "answer_id" if self.type == SCORED else "interview_id"
        return self.type, str(self.data[key])


@dataclass(frozen=True)
class Listener:
    """A subscriber: what it accepted, what it heard at all, how many signatures were wrong."""

    name: str
    accepted: tuple[Told, ...] = ()
    heard: tuple[Told, ...] = ()
    forged: int = 0
    pending: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Poison:
    """A message that nobody can handle, who has to put it aside, and when the broker took it, if it said so.

    `subject` is its key. A group that puts it aside may say something of that subject that others put aside.
    """

    id: str
    subject: str
    kind: str
    topic: str
    groups: tuple[str, ...]
    taken_at: float | None = None


@dataclass(frozen=True)
class Letter:
    """A dead letter: the mark of its poison, if it has one, its key, who put it aside, and why."""

    poison: str | None
    key: str
    topic: str
    group: str
    error: str


@dataclass(frozen=True)
class Observed:
    """Everything that the audit judges. `forgot_at` is when the broker had last lost its log, if it has."""

    submissions: tuple[Submission, ...] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    results: Mapping[str, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ()
    on_topics: tuple[Told, ...] = ()
    outboxes: Mapping[str, float] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()
    poison: tuple[Poison, ...] = ()
    forgot_at: float | None = None
    ready: bool = True
    afterwards: str = "completed"
