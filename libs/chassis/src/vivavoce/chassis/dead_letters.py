"""Which dead letter is which, and what operators have done about it: the same over a broker that forgot.

Places don't tell letters apart: a broker that lost its log is sent its letters again, and counts anew.
So a letter is known by the message that was given up, by whom, and after which repetition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.reading import (
    GROUP_HEADER,
    REDRIVE_HEADER,
    REDRIVEN_AS_HEADER,
    read_headers,
)
from vivavoce.chassis.wire import Headers, Parcel
from vivavoce.contracts.ids import derived_id
from vivavoce.contracts.topics import is_dead_letter_topic, original_topic

VALUE_BYTES_HEADER = "dlq_value_bytes"
VALUE_DIGEST_HEADER = "dlq_value_sha256"
OPEN: Final = "open"
REDRIVEN: Final = "redriven"
DISCARDED: Final = "discarded"

State = Literal["open", "redriven", "discarded"]
Action = Literal["redriven", "discarded"]


class Settlement(BaseModel):
    """What an operator did about one letter; a record of the audit topic.

    `attempt` counts the redrives of this letter, this one included. `place` is where the letter lay,
    as topic/partition/offset; on a broker that forgot its log it may lie elsewhere since.
    """

    model_config = ConfigDict(frozen=True)

    letter_id: str
    action: Action
    attempt: int
    redrive_id: str | None
    place: str
    event_id: str | None
    group: str | None
    error: str | None
    first_failed_at: str | None
    reason: str
    by: str
    at: datetime

    @property
    def id(self) -> str:
        """The key on the audit topic: the same for a step that is recorded twice."""
        return f"{self.letter_id}/{self.action}/{self.attempt}"


@dataclass(frozen=True)
class History:
    """What was done about one letter, in order."""

    settlements: tuple[Settlement, ...] = ()

    @property
    def state(self) -> State:
        """What became of the letter last."""
        return self.settlements[-1].action if self.settlements else OPEN

    @property
    def redrives(self) -> int:
        """How often it has been sent again, as far as that was recorded."""
        return max((done.attempt for done in self.settlements), default=0)


def histories(settlements: Iterable[Settlement]) -> dict[str, History]:
    """What was done about each letter; a step that was recorded twice counts once."""
    steps = {done.id: done for done in settlements}
    found: dict[str, History] = {}
    for done in sorted(steps.values(), key=lambda each: each.at):
        known = found.get(done.letter_id, History())
        found[done.letter_id] = History((*known.settlements, done))
    return found


def letter_id(topic: str, value: bytes | None, headers: Headers) -> str:
    """What a dead letter is known by, wherever it lies.

    The event's id and the group, for what is handled under them has one effect. A message without an id
    is known by its place and content.
    """
    found = read_headers(headers)
    of = found.get("dlq_topic") or original_topic(topic)
    failure = (of, found.get(GROUP_HEADER, ""), found.get(REDRIVEN_AS_HEADER, ""))
    event_id = found.get("ce_id")
    if event_id:
        return _short(derived_id("dead-letter", *failure, event_id))
    place = (found.get("dlq_partition", ""), found.get("dlq_offset", ""))
    return _short(derived_id("dead-letter", *failure, *place, digest_of(value, found)))


def redrive_id(letter: str, attempt: int) -> str:
    """The id of a repetition: the same when a redrive that broke off is done again."""
    return derived_id("redrive", letter, str(attempt))


def digest_of(value: bytes | None, headers: Mapping[str, str]) -> str:
    """The SHA-256 of the value that was given up, also where the letter had to leave it behind."""
    return headers.get(VALUE_DIGEST_HEADER) or sha256(value or b"").hexdigest()


def redriven(letter: Parcel, again: str) -> Parcel:
    """The message to send so that the group that gave it up, and no other, handles it once more."""
    left_behind = {REDRIVE_HEADER, VALUE_BYTES_HEADER, VALUE_DIGEST_HEADER}
    headers = tuple(header for header in letter.headers if header[0] not in left_behind)
    topic = read_headers(headers).get("dlq_topic") or original_topic(letter.topic)
    return replace(letter, topic=topic, headers=(*headers, (REDRIVE_HEADER, again.encode())), partition=None)


def headers_without_value(topic: str, value: bytes | None, headers: Headers) -> Headers | None:
    """The headers under which a letter that is too large lies on its topic without its value.

    None for what is no letter, and for a letter whose value isn't what is too large. The value is still
    where the message came from, and set aside in the outbox of the service that gave it up.
    """
    if value is None or not is_dead_letter_topic(topic):
        return None
    left = (
        (VALUE_BYTES_HEADER, str(len(value)).encode()),
        (VALUE_DIGEST_HEADER, sha256(value).hexdigest().encode()),
    )
    return (*headers, *left)


def _short(full: str) -> str:
    return full.replace("-", "")[:16]
