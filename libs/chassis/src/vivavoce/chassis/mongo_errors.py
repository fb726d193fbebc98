"""PyMongo's errors in the terms of the error tree."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pymongo.errors import (
    AutoReconnect,
    ClientBulkWriteException,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from vivavoce.chassis.cancellation import cancellation_kept
from vivavoce.chassis.errors import AlreadyExists, InfrastructureAway, TooLarge, VivaError, WriteConflict

TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
DUPLICATE_KEY = 11000
DOCUMENT_TOO_LARGE = 10334
TOO_LARGE = "the document is larger than the database takes; store it as an object"
WAITING_HELPS = frozenset(
    {
        13,  # Unauthorized
        18,  # AuthenticationFailed
        50,  # MaxTimeMSExpired
        14031,  # OutOfDiskSpace
    }
)


class DatabaseFault(VivaError):
    """The database refused an operation for a reason that this code doesn't know."""

    code = "database_fault"
    retryable = True


@contextmanager
def translated_errors() -> Iterator[None]:
    """Run database operations with the driver's errors translated, and cancellation kept."""
    try:
        with cancellation_kept():
            yield
    except PyMongoError as error:
        told = refused_write(error)[0] if isinstance(error, ClientBulkWriteException) else error
        raise viva_error_of(told) from told
    except DocumentTooLarge as error:
        raise TooLarge(TOO_LARGE) from error


def viva_error_of(error: PyMongoError) -> VivaError:
    """The error to raise instead, with the driver's as its cause."""
    if isinstance(error, DuplicateKeyError):
        taken = sorted((error.details or {}).get("keyPattern", {}))
        return AlreadyExists(f"stored already: the value of {', '.join(taken) or 'a unique field'} is taken")
    if _is_away(error):
        return InfrastructureAway(f"the database doesn't answer ({type(error).__name__})")
    if isinstance(error, OperationFailure) and error.code == DOCUMENT_TOO_LARGE:
        return TooLarge(TOO_LARGE)
    if isinstance(error, OperationFailure) and error.has_error_label(TRANSIENT):
        return WriteConflict("another transaction changed the same document")
    return DatabaseFault(f"the database refused the operation ({type(error).__name__}): {error}")


def commit_error_of(error: PyMongoError) -> VivaError:
    """Like `viva_error_of`, for a commit, whose outcome can stay unknown."""
    if error.has_error_label(UNKNOWN_COMMIT):
        return InfrastructureAway("the database went away while it committed; the outcome is unknown")
    return viva_error_of(error)


def was_interrupted(error: VivaError) -> bool:
    """Whether a connection broke under a transaction, certainly before its commit: a new one may do."""
    cause = error.__cause__
    return (
        isinstance(error, InfrastructureAway)
        and isinstance(cause, AutoReconnect)
        and not isinstance(cause, ServerSelectionTimeoutError | NetworkTimeout)
        and not cause.has_error_label(UNKNOWN_COMMIT)
    )


def refused_write(error: ClientBulkWriteException) -> tuple[PyMongoError, int]:
    """What ended a command that carries many writes, as if it had been alone, and the place of the write.

    The place is 0 when it was the command that failed.
    """
    if isinstance(error.error, PyMongoError):
        return error.error, 0
    refused = [error.error] if isinstance(error.error, Mapping) else error.details["writeErrors"]
    for first in refused:
        kind = DuplicateKeyError if first["code"] == DUPLICATE_KEY else OperationFailure
        return kind(first["errmsg"], first["code"], first), first.get("idx", 0)
    return error, 0


def _is_away(error: PyMongoError) -> bool:
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError):
        return True
    return isinstance(error, OperationFailure) and error.code in WAITING_HELPS
