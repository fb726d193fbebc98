"""An answer as it is kept: its status, its body, and the header fields that belong to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

REPLAYED = "Idempotency-Replayed"
KEPT_FIELDS = frozenset({"content-type", "location", "etag", "cache-control"})
"""The others belong to one request: its id, its limits, its cookies."""
SUCCESS = range(200, 300)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    """What a request was answered."""

    status: int
    fields: Fields
    body: bytes

    @property
    def is_kept(self) -> bool:
        """Whether a repeat gets it too; it may be refused or fail now and succeed later."""
        return self.status in SUCCESS

    def to_bytes(self) -> bytes:
        """The form that is stored, sealed."""
        head = json.dumps([self.status, self.fields]).encode()
        return len(head).to_bytes(4) + head + self.body

    @classmethod
    def from_bytes(cls, content: bytes) -> "Answer":
        """What `to_bytes` was given."""
        size = int.from_bytes(content[:4])
        status, fields = json.loads(content[4 : 4 + size])
        return cls(status, tuple((name, value) for name, value in fields), content[4 + size :])

    def replay(self) -> Response:
        """The answer again, marked as such."""
        headers = {**dict(self.fields), REPLAYED: "true"}
        return Response(self.body, self.status, headers=headers)


def kept_fields(raw: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Of an answer's header fields those that a repeat gets."""
    decoded = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)
    return tuple((name, value) for name, value in decoded if name in KEPT_FIELDS)
