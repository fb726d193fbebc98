"""Documents are parsed once as long as they are stored as they were, and not all are kept."""

from datetime import UTC, datetime
from typing import Self

import bson
import pytest
from bson.codec_options import CodecOptions
from pydantic import ValidationError, model_validator

from vivavoce.chassis.documents import Document
from vivavoce.chassis.mongo_decoded import Decoded
from vivavoce.chassis.stored import stored_form

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CODEC: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True, tzinfo=UTC)
PARSED: list[str] = []


class Page(Document):
    """Notes whenever one is parsed."""

    text: str
    at: datetime = NOON

    @model_validator(mode="after")
    def _note(self) -> Self:
        PARSED.append(self.text)
        return self


def raw(text: str, page: str = "p") -> bytes:
    return bson.encode(stored_form(Page(id=page, organization_id="acme", text=text)))


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    PARSED.clear()


def parsed_by(read: list[bytes], most_bytes: int = 10_000) -> list[str]:
    """What had to be parsed to read these in turn."""
    decoded = Decoded(Page, CODEC, most_bytes=most_bytes)
    PARSED.clear()
    for each in read:
        text = bson.decode(each)["text"]
        assert decoded.of(each).text == text
        assert decoded.of(each).at == NOON
    return list(PARSED)


def test_what_is_stored_as_it_was_is_parsed_once() -> None:
    one, other = raw("one"), raw("other", "q")
    assert parsed_by([one, other, one, other, one]) == ["one", "other"]


def test_what_was_changed_is_another_document() -> None:
    assert parsed_by([raw("old"), raw("new"), raw("old")]) == ["old", "new"]


def test_what_was_not_read_for_longest_is_forgotten() -> None:
    one, two, three = (raw(text) for text in ("one", "two", "six"))
    room_for_two = 2 * len(one)
    assert parsed_by([one, two, one, three, one, two], room_for_two) == ["one", "two", "six", "two"]


def test_what_is_larger_than_all_room_is_read_all_the_same() -> None:
    large = raw("large")
    assert parsed_by([large], most_bytes=10) == ["large", "large"]


def test_what_cannot_be_parsed_is_refused_every_time() -> None:
    decoded = Decoded(Page, CODEC)
    broken = bson.encode({"_id": "p", "organization_id": "acme", "text": 7})
    for _ in range(2):
        with pytest.raises(ValidationError):
            decoded.of(broken)
