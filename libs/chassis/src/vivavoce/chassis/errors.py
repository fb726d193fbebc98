"""One tree of errors: each knows its code, its HTTP status and whether trying again can help."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with an input: where (a dotted path) and what."""

    path: str
    message: str


class VivaError(Exception):
    """The root. `message` is for people: what was wrong, where, what to do; never a secret."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, object] | None = None,
        problems: tuple[FieldProblem, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})
        self.problems = problems
        self.retry_after = retry_after


class InvalidInput(VivaError):
    """The caller's input is wrong; `problems` names the fields."""

    code = "invalid_input"
    status = 400


class Unauthenticated(VivaError):
    """No credentials, or credentials that don't hold; `challenge` goes into WWW-Authenticate."""

    code = "unauthenticated"
    status = 401
    challenge = "Bearer"


class InvalidToken(Unauthenticated):
    """What came as a bearer credential doesn't hold (RFC 6750, section 3.1)."""

    code = "invalid_token"
    challenge = 'Bearer error="invalid_token"'


class Forbidden(VivaError):
    """The principal may not do this."""

    code = "forbidden"
    status = 403


class NotFound(VivaError):
    """There is no such thing, or not for this organization."""

    code = "not_found"
    status = 404


class Conflict(VivaError):
    """The request contradicts what is stored."""

    code = "conflict"
    status = 409


class AlreadyExists(Conflict):
    """A document with this id, or this unique value, is stored already."""

    code = "already_exists"


class TooSlow(VivaError):
    """The request took too long to arrive."""

    code = "too_slow"
    status = 408


class TooLarge(VivaError):
    """The body is larger than allowed."""

    code = "too_large"
    status = 413


class UrlTooLong(VivaError):
    """The request's URL is longer than allowed."""

    code = "url_too_long"
    status = 414


class Unprocessable(VivaError):
    """The request can be read, and contradicts what it refers to."""

    code = "unprocessable"
    status = 422


class RateLimited(VivaError):
    """The caller has used up what it may ask for in this time; see `retry_after`."""

    code = "rate_limited"
    status = 429
    retryable = True


class HeadTooLarge(VivaError):
    """The request's header fields are too many or too large."""

    code = "head_too_large"
    status = 431


class ProviderFault(VivaError):
    """A service outside the system failed or answered nonsense."""

    code = "provider_fault"
    status = 502
    retryable = True


class ProviderAway(ProviderFault):
    """A service outside the system doesn't answer, and nothing else can do its part; see `retry_after`."""

    code = "provider_away"
    status = 503


class CircuitOpen(ProviderAway):
    """A service outside the system has failed too often and isn't asked until `retry_after`.

    Nothing was tried, so tries are not counted.
    """

    code = "circuit_open"


class ProviderRefused(ProviderFault):
    """A service outside the system answers that it won't do this; asking again can't help."""

    code = "provider_refused"
    retryable = False


class Overloaded(VivaError):
    """This process has as much to do as it may take on; see `retry_after`."""

    code = "overloaded"
    status = 503
    retryable = True


class InfrastructureAway(VivaError):
    """The own database, broker or store doesn't answer. Waiting helps, so tries are not counted."""

    code = "infrastructure_away"
    status = 503
    retryable = True


WAITED_FOR = (InfrastructureAway, CircuitOpen)
"""What passes without anything to be done, and without a try that would count."""


class WriteConflict(InfrastructureAway):
    """Two transactions met at one document; running the work again settles it, perhaps much later.

    A transaction that a fault has orphaned holds its documents until the database gives it up.
    """

    code = "write_conflict"


class DeadlineExceeded(VivaError):
    """The work took longer than it may."""

    code = "deadline_exceeded"
    status = 504
    retryable = True


class WorkerDied(VivaError):
    """The operating-system process that did the work ended before the work did."""

    code = "worker_died"
    status = 500
    retryable = True


class CorruptObject(VivaError):
    """A stored object is not what its claim check says."""

    code = "corrupt_object"
    status = 500
