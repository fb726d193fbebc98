"""Messages: public facts as subscribers receive them, kept once for all endpoints and for replays."""

from datetime import datetime

from vivavoce.chassis.documents import Document
from vivavoce.contracts import Value


class Body(Value):
    """What a subscriber receives: the fact's type, when it happened, and the fact."""

    type: str
    timestamp: datetime
    data: object


class Message(Document):
    """One public fact; its id is the event's. `key` is what FIFO goes by; `test` marks an example.

    `about` is the endpoint that an operational fact speaks of, which is never told of itself. The database
    removes the message at `expires_at`.
    """

    event_type: str
    key: str
    happened_at: datetime
    body: str
    about: str | None = None
    test: bool = False
    expires_at: datetime
