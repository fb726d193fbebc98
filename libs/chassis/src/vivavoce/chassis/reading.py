"""From bytes to a fact with its envelope, and from a message that can't be handled to a dead letter."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.wire import Headers, Record
from vivavoce.contracts import Envelope, Fact, fact_class
from vivavoce.contracts.ids import new_id

DEAD_LETTER_PREFIX = "dlq_"
FIRST_FAILED_HEADER = "dlq_first_failed_at"
GROUP_HEADER = "dlq_group"
REDRIVE_HEADER = "dlq_redrive_id"
REDRIVEN_AS_HEADER = "dlq_redriven_as"
UNKNOWN_ORGANIZATION = "unknown"


class Undecodable(VivaError):
    """The message is not a fact that this build knows."""

    code = "undecodable"
    status = 400


def read_headers(headers: Headers) -> dict[str, str]:
    """The headers that are text; of a repeated one the last. Others may belong to other systems."""
    found: dict[str, str] = {}
    for name, value in headers:
        with suppress(UnicodeDecodeError):
            found[name] = (value or b"").decode()
    return found


def read_envelope(headers: Headers) -> Envelope:
    """The CloudEvents attributes; raises Undecodable when a required one is absent."""
    try:
        return Envelope.from_headers(read_headers(headers))
    except ValidationError as error:
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors() if problem["loc"])
        raise Undecodable(f"The envelope lacks or garbles: {fields}.") from error


def read_fact(record: Record, known: Mapping[str, object]) -> Received[Any]:
    """The fact in a message, if its type is among the known ones; raises Undecodable."""
    envelope = read_envelope(record.headers)
    kind = fact_class(envelope.type, envelope.version)
    if kind is None:
        raise Undecodable(f"No fact {envelope.type} of version {envelope.version} is known.")
    if envelope.type not in known:
        raise Undecodable(f"{envelope.type} doesn't belong on {record.topic}.")
    return Received(envelope, _read_value(kind, record.value), record.partition)


def _read_value(kind: type[Fact], value: bytes | None) -> Fact:
    try:
        return kind.model_validate_json(value or b"")
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'value'}: {problem['msg']}"
            for problem in error.errors()[:5]
        )
        raise Undecodable(f"The value is not a {kind.type}: {places}.") from error


def context_of(record: Record) -> Context:
    """For whom a message is handled, as far as its headers say."""
    try:
        return Context.caused_by(read_envelope(record.headers))
    except Undecodable:
        return Context(organization_id=UNKNOWN_ORGANIZATION, correlation_id=new_id())


def redrive_of(record: Record) -> tuple[str, str] | None:
    """The group that a dead letter was sent again for, and an id of that repetition; else None.

    `dlq_redrive_id` is that id; without it, the place and time of the failure are. A header without
    a value is an empty one, and an empty group is none.
    """
    found = {name: value or b"" for name, value in record.headers if name.startswith(DEAD_LETTER_PREFIX)}
    group = found.get(GROUP_HEADER)
    if not group:
        return None
    place = (found.get(name, b"") for name in ("dlq_partition", "dlq_offset", FIRST_FAILED_HEADER))
    repetition = found.get(REDRIVE_HEADER) or b"/".join(place)
    return group.decode(errors="replace"), repetition.decode(errors="replace")


def dead_letter_headers(
    record: Record, *, group: str, error: VivaError, attempts: int, now: datetime
) -> Headers:
    """The original headers, and why, where from, how often and in which repetition the message failed."""
    kept = tuple((name, value) for name, value in record.headers if not name.startswith(DEAD_LETTER_PREFIX))
    before = dict(record.headers)
    first_failed = before.get(FIRST_FAILED_HEADER) or now.isoformat().encode()
    redriven_as = before.get(REDRIVE_HEADER)
    added = {
        "dlq_topic": record.topic,
        "dlq_partition": str(record.partition),
        "dlq_offset": str(record.offset),
        GROUP_HEADER: group,
        "dlq_error": f"{error.code}: {error.message}"[:500],
        "dlq_attempts": str(attempts),
    }
    encoded = tuple((name, value.encode()) for name, value in added.items())
    repetition = ((REDRIVEN_AS_HEADER, redriven_as),) if redriven_as else ()
    return (*kept, *encoded, *repetition, (FIRST_FAILED_HEADER, first_failed))
