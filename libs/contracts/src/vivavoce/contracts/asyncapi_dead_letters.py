"""What AsyncAPI says of messages that were set aside: a topic beside each fact's, and who looks there."""

from collections.abc import Mapping, Sequence
from typing import Any

from vivavoce.contracts.asyncapi_parts import Parts, channel, headers, reference
from vivavoce.contracts.registry import FACTS
from vivavoce.contracts.topics import AUDIT_TOPIC, all_topics, dead_letter_topic

OPERATORS = "operators"
WHY = {
    "dlq_topic": "Where the message came from.",
    "dlq_partition": "Its partition there.",
    "dlq_offset": "Its offset there.",
    "dlq_group": "The consumer group that could not handle it.",
    "dlq_error": "Why: a code, and a sentence.",
    "dlq_attempts": "How often it was tried.",
    "dlq_first_failed_at": "When it failed for the first time.",
}
PERHAPS = {"dlq_redriven_as": "The repetition that it failed in."}
ANYTHING = {"description": "The original value, whatever it was."}


def dead_letter_parts(readers: Mapping[str, Sequence[str]]) -> Parts:
    """A channel per durable fact; whoever reads the fact may set it aside, and operators look at it."""
    topics = {topic.name: topic for topic in all_topics()}
    letters = {name: dead_letter_topic(name) for name, fact in FACTS.items() if fact.durable}
    channels = {
        letter: channel(topics[letter], f"What could not be handled from `{name}`.", {"letter": "deadLetter"})
        for name, letter in letters.items()
    }
    audit = channel(
        topics[AUDIT_TOPIC], "What operators did about dead letters.", {"settlement": "settlement"}
    )
    operations: dict[str, Any] = {}
    for name, letter in letters.items():
        for service in readers.get(name, ()):
            summary = f"{service} sets aside what it can't handle."
            operations[f"{service}.send.{letter}"] = {
                "action": "send",
                "summary": summary,
                **reference(letter, "letter"),
            }
        looked = {
            "action": "receive",
            "summary": "Operators look (`viva dlq`).",
            **reference(letter, "letter"),
        }
        operations[f"{OPERATORS}.receive.{letter}"] = looked
    return Parts(
        channels={**channels, AUDIT_TOPIC: audit},
        operations=operations,
        messages={"deadLetter": _letter(), "settlement": _settlement()},
        schemas={"deadLetterHeaders": headers(WHY, PERHAPS)},
    )


def _letter() -> dict[str, Any]:
    return {
        "name": "deadLetter",
        "title": "DeadLetter",
        "summary": "A message that could not be handled: its key, its value and its headers, and why.",
        "headers": {"$ref": "#/components/schemas/deadLetterHeaders"},
        "payload": ANYTHING,
        "bindings": {"kafka": {"key": {"type": "string", "description": "The original key."}}},
    }


def _settlement() -> dict[str, Any]:
    return {
        "name": "settlement",
        "title": "Settlement",
        "summary": "A dead letter was sent again, or given up.",
        "contentType": "application/json",
        "payload": {"type": "object"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "`letter_id`"}}},
    }
