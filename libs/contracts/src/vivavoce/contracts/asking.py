"""Questions that a caller waits for: asked and answered over Kafka, with a deadline."""

from typing import ClassVar

from vivavoce.contracts.fact import Message, Value


class Question(Message):
    """A request to a service. `topic` is where it is asked; the answer is a `reply`, or AskFailed."""

    topic: ClassVar[str] = ""
    reply: ClassVar[type[Value]] = Value


class AskedProblem(Value):
    """One thing wrong with a question: where, as a dotted path, and what."""

    path: str
    message: str


class AskFailed(Value):
    """The service refused: `code` and `status` are those of the error tree."""

    code: str
    status: int
    message: str
    problems: tuple[AskedProblem, ...] = ()
    retry_after: float | None = None
