"""Digests of stored documents: equal for what is equal, and of no use for guessing."""

import hashlib
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.databases import GLOBEX, NOON, Mood, Part, note
from vivavoce.chassis.digests import KeyedDigest, canonical_json
from vivavoce.chassis.stored import document_of, stored_form

KEY = b"k" * 32
FULL = note(
    "a",
    text="Yılmaz \ud800",
    count=3,
    share=0.1,
    parts=(Part(name="p"),),
    moods=(Mood.BAD,),
    at=NOON,
    blob=b"\x00\xff",
)


def test_what_was_stored_and_read_again_has_the_digest_that_it_had() -> None:
    whole = FULL.model_copy(update={"text": "Yılmaz"})
    stored: dict[str, Any] = bson.decode(bson.encode(stored_form(whole)), bson.CodecOptions(tz_aware=True))
    assert KeyedDigest(KEY).of(document_of(type(whole), stored)) == KeyedDigest(KEY).of(whole)


@pytest.mark.parametrize(
    "change",
    [{"text": "x"}, {"count": 4}, {"at": None}, {"blob": b""}, {"parts": ()}, {"organization_id": GLOBEX}],
    ids=lambda change: next(iter(change)),
)
def test_every_field_counts_and_so_does_the_organization(change: dict[str, object]) -> None:
    digest = KeyedDigest(KEY)
    assert digest.of(FULL.model_copy(update=change)) != digest.of(FULL)


def test_a_digest_can_not_be_made_without_the_key() -> None:
    told = KeyedDigest(KEY).of(FULL)
    assert told != KeyedDigest(b"j" * 32).of(FULL)
    assert told != hashlib.sha256(canonical_json(stored_form(FULL))).hexdigest()


def test_without_a_key_or_a_document_there_is_none() -> None:
    assert KeyedDigest(b"").of(FULL) is None
    assert KeyedDigest(KEY).of(None) is None


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=5))
def test_the_order_of_names_does_not_matter(value: dict[str, object]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))
