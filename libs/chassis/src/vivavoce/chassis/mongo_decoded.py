"""Documents by the bytes they are stored as: what is stored as it was when last read isn't parsed again."""

from collections import OrderedDict
from typing import Any, Generic

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import DEFAULT_RAW_BSON_OPTIONS, RawBSONDocument

from vivavoce.chassis.documents import DOCUMENT
from vivavoce.chassis.stored import document_of

MOST_BYTES = 2 * 2**20
RAW: CodecOptions[RawBSONDocument] = DEFAULT_RAW_BSON_OPTIONS


class Decoded(Generic[DOCUMENT]):
    """The documents of one kind that were read last, up to `most_bytes` of what is stored of them.

    Decoding and validating a document takes longer than finding it here. Documents are frozen, so that
    readers can share them.
    """

    def __init__(
        self, kind: type[DOCUMENT], codec: CodecOptions[Any], *, most_bytes: int = MOST_BYTES
    ) -> None:
        self._kind = kind
        self._codec = codec
        self._most_bytes = most_bytes
        self._known: OrderedDict[bytes, DOCUMENT] = OrderedDict()
        self._bytes = 0

    def of(self, raw: bytes) -> DOCUMENT:
        """The document that is stored so; raises ValidationError."""
        known = self._known.get(raw)
        if known is not None:
            self._known.move_to_end(raw)
            return known
        document = document_of(self._kind, bson.decode(raw, self._codec))
        self._known[raw] = document
        self._bytes += len(raw)
        while self._bytes > self._most_bytes:
            oldest, _ = self._known.popitem(last=False)
            self._bytes -= len(oldest)
        return document
