"""The published language keeps its promises to yesterday's readers and writers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.facts import one_of_each
from vivavoce.contracts import (
    EXAMPLES,
    FACTS,
    PUBLIC_FACTS,
    ClaimCheck,
    Envelope,
    Fact,
    all_topics,
    fact_class,
    ids,
)
from vivavoce.contracts.registry import DuplicateType, collect

GOLDEN = Path(__file__).parent / "golden"
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def golden_path(fact: type[Fact]) -> Path:
    return GOLDEN / f"{fact.type}.v{fact.version}.json"


@pytest.mark.parametrize("fact", FACTS.values(), ids=str)
def test_every_fact_still_reads_its_golden_and_writes_at_least_what_it_wrote(fact: type[Fact]) -> None:
    golden = json.loads(golden_path(fact).read_text(encoding="utf-8"))
    written = json.loads(fact.model_validate(golden).model_dump_json())
    assert {name: written.get(name) for name in golden} == golden


def test_every_fact_has_an_example_and_the_example_is_its_golden() -> None:
    examples = {type(fact): json.loads(fact.model_dump_json()) for fact in one_of_each()}
    goldens = {fact: json.loads(golden_path(fact).read_text(encoding="utf-8")) for fact in FACTS.values()}
    assert examples == goldens


@pytest.mark.parametrize("fact", FACTS.values(), ids=str)
def test_a_fact_says_when_it_is_emitted_and_has_the_field_that_keys_it(fact: type[Fact]) -> None:
    assert (fact.__doc__ or "").startswith("Emitted ")
    assert fact.key_field in fact.model_fields


def test_every_public_fact_has_an_example_that_subscribers_can_look_at() -> None:
    assert {name: type(example) for name, example in EXAMPLES.items()} == PUBLIC_FACTS


@pytest.mark.parametrize("fact", PUBLIC_FACTS.values(), ids=str)
def test_what_subscribers_get_leads_to_no_recording_and_names_no_secret(fact: type[Fact]) -> None:
    told = set(fields_of(fact.model_json_schema(mode="serialization")))
    assert {"interview_id", "endpoint_id"} & told
    assert not told & {*ClaimCheck.model_fields, "secret", "sealed_secret", "transcript", "recording"}


def fields_of(schema: Any) -> Iterator[str]:
    """The names of all fields that a schema describes, those of its definitions included."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for part in inner:
        yield from fields_of(part)


def test_a_field_that_a_newer_sender_added_is_ignored() -> None:
    example = one_of_each()[0]
    newer = {**json.loads(example.model_dump_json()), "added_later": 1}
    assert type(example).model_validate(newer) == example


def test_a_fact_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(one_of_each()[0], one_of_each()[0].key_field, "another")


def test_an_unknown_type_or_version_has_no_class() -> None:
    assert fact_class("interview.submitted", 1) is FACTS["interview.submitted"]
    assert fact_class("interview.submitted", 2) is None
    assert fact_class("interview.invented", 1) is None


def test_two_facts_of_one_name_are_refused() -> None:
    first, second = ModuleType("first"), ModuleType("second")

    class Told(Fact, type="story.told"):
        """Emitted when a story was told."""

    class ToldAgain(Fact, type="story.told"):
        """Emitted when a story was told."""

    vars(first)["Told"] = Told
    vars(second)["ToldAgain"] = ToldAgain
    with pytest.raises(DuplicateType, match=r"story\.told"):
        collect(Fact, (first, second))


@given(subject=TEXT, organization=TEXT, cause=st.none() | TEXT)
def test_an_envelope_survives_its_headers(subject: str, organization: str, cause: str | None) -> None:
    envelope = Envelope(
        id=ids.new_id(),
        type="interview.submitted",
        source="/vivavoce/gateway",
        time=datetime.now(UTC),
        subject=subject,
        organization_id=organization,
        correlation_id="c-1",
        causation_id=cause,
    )
    headers = {name: value.decode() for name, value in envelope.to_headers()}
    assert Envelope.from_headers(headers) == envelope


@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, min_size=1, max_size=4))
def test_derived_ids_are_equal_exactly_when_their_parts_are(left: list[str], right: list[str]) -> None:
    assert (ids.derived_id(*left) == ids.derived_id(*right)) == (left == right)
    assert len(ids.derived_object_id(*left)) == ids.OBJECT_ID_HEX_DIGITS


def test_every_durable_fact_has_a_dead_letter_topic_and_names_are_unique() -> None:
    names = [topic.name for topic in all_topics()]
    assert len(names) == len(set(names))
    assert {f"{name}.dlq" for name, fact in FACTS.items() if fact.durable} <= set(names)
