"""What a transaction has read: over its one snapshot it would read the same again, but for its own writes."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Literal

from vivavoce.chassis.stored import Stored


class Unread(Enum):
    """Says that nobody has looked yet, other than that nothing was found."""

    UNREAD = auto()


UNREAD = Unread.UNREAD


class Reads:
    """Remembers found documents by id, those that weren't there included, and the results of searches."""

    def __init__(self) -> None:
        self._documents: dict[str, dict[str, Stored | None]] = {}
        self._searches: dict[str, dict[str, Sequence[Stored]]] = {}

    def keep(self, collection: str, document_id: str, stored: Stored | None) -> None:
        """A document as it is for this transaction, or that there is none."""
        self._documents.setdefault(collection, {})[document_id] = stored

    def known(self, collection: str, document_id: str) -> Stored | Literal[Unread.UNREAD] | None:
        """The document, None when it isn't there, or UNREAD when nobody has looked."""
        return self._documents.get(collection, {}).get(document_id, UNREAD)

    def keep_search(self, collection: str, search: str, found: Sequence[Stored]) -> None:
        """What a search has found, which are documents too."""
        self._searches.setdefault(collection, {})[search] = found
        for stored in found:
            self.keep(collection, stored["_id"], stored)

    def known_search(self, collection: str, search: str) -> Sequence[Stored] | None:
        """What the same search has found before."""
        return self._searches.get(collection, {}).get(search)

    def written(self, collection: str, document_id: str) -> None:
        """The document is another now, and searches may find others."""
        self._searches.pop(collection, None)
        self._documents.get(collection, {}).pop(document_id, None)
