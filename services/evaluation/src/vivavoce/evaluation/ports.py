"""What evaluation needs from outside: a judge, its sense of meaning, transcripts, and a voice."""

from collections.abc import Sequence
from typing import Protocol

from vivavoce.chassis.correlation import Context
from vivavoce.contracts import ClaimCheck, Fact, Transcript
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.vectors import Vectors


class Embedder(Protocol):
    """Turns sentences into vectors whose cosine says how alike they are in meaning."""

    @property
    def models(self) -> dict[str, str]:
        """The name of every model in use, with its version."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 per text (or of zeros, for a text that says nothing).

        The row of a text depends on that text alone. Slow: call it off the event loop.
        """
        ...


class Judge(Protocol):
    """Turns a transcript and a rubric into a judgement. The same task gives the same judgement."""

    @property
    def name(self) -> str:
        """The judge's name and version, as scores carry it."""
        ...

    @property
    def models(self) -> dict[str, str]:
        """The models that it judges with."""
        ...

    async def judge(self, task: Task) -> Judgement:
        """Judge one answer, off the event loop."""
        ...


class Transcripts(Protocol):
    """Where transcripts are kept."""

    async def read(self, claim: ClaimCheck) -> Transcript:
        """The transcript behind a claim check.

        Raises CorruptObject when it is not what the claim says or no transcript at all,
        InfrastructureAway when the store doesn't answer.
        """
        ...


class Publisher(Protocol):
    """A way to say at once, and at best once, how far the work has come."""

    async def publish_now(self, fact: Fact, context: Context) -> None:
        """Send a fact past the outbox; when that fails, nothing happens."""
        ...
