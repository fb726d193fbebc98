"""The way to the notifier, which owns webhooks: questions with a deadline, and secrets only sealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, TypeVar

from pydantic.alias_generators import to_camel

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import (
    DeadlineExceeded,
    FieldProblem,
    InfrastructureAway,
    InvalidInput,
    Overloaded,
    ProviderFault,
    VivaError,
)
from vivavoce.chassis.sealing import seal_to
from vivavoce.contracts import Question, Value
from vivavoce.gateway.settings import GatewaySettings

RETRY_AFTER_SECONDS = 10.0

REPLY = TypeVar("REPLY", bound=Value)


class Asks(Protocol):
    """What asks another service and waits for its answer."""

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """The reply; raises the refusal, or DeadlineExceeded."""
        ...


class NobodyAsks:
    """For a gateway that is only described: whatever is asked, nobody answers."""

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """Raises DeadlineExceeded."""
        raise DeadlineExceeded(f"Nobody answers {question.type}.")


class NotifierAway(Overloaded):
    """The notifier didn't answer in time, or can't be asked."""

    code = "notifier_away"


class Notifier:
    """Asks the notifier, and seals to it."""

    def __init__(self, asker: Asks, settings: GatewaySettings) -> None:
        self._asker = asker
        self._within = timedelta(seconds=settings.ask_seconds)
        self._public_key = settings.notifier_public_key

    async def ask(self, question: Question, context: Context, kind: type[REPLY]) -> REPLY:
        """The reply, of the kind that is expected; raises the notifier's refusal, or NotifierAway.

        A refusal names the fields as the API does.
        """
        with _waiting():
            reply = await self._asker.ask(question, context, within=self._within)
        if not isinstance(reply, kind):
            raise ProviderFault(f"The notifier answered {type(reply).__name__}.")
        return reply

    def sealed(self, secret: str | None) -> str | None:
        """The secret, readable by the notifier alone; raises NotifierAway without its key."""
        if secret is None:
            return None
        try:
            return seal_to(self._public_key, secret)
        except InvalidInput as error:
            raise NotifierAway(
                "No secret can be taken: NOTIFIER_PUBLIC_KEY is not set. Without one, a secret is made."
            ) from error


@contextmanager
def _waiting() -> Iterator[None]:
    try:
        yield
    except (DeadlineExceeded, InfrastructureAway) as error:
        raise NotifierAway(
            "The webhook service didn't answer. Try again; a repeat for the same URL replaces the first.",
            retry_after=RETRY_AFTER_SECONDS,
        ) from error
    except VivaError as error:
        error.problems = tuple(
            FieldProblem(_in_camel_case(each.path), each.message) for each in error.problems
        )
        raise


def _in_camel_case(path: str) -> str:
    """The path with the name of the body's own field in camel case; what is in it is the caller's."""
    field, dot, rest = path.partition(".")
    return to_camel(field) + dot + rest
