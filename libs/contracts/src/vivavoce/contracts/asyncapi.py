"""The AsyncAPI 3 description of every topic, with who sends to it and who reads it, from the contracts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vivavoce.contracts.asyncapi_dead_letters import dead_letter_parts
from vivavoce.contracts.asyncapi_parts import Parts, channel, headers, payload, payload_schemas, reference
from vivavoce.contracts.asyncapi_questions import question_parts
from vivavoce.contracts.fact import Fact
from vivavoce.contracts.registry import FACTS
from vivavoce.contracts.topics import all_topics

VERSION = "1.0.0"
"""A change that breaks readers raises the first number."""
SERVERS = {
    "cluster": {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The deployment's brokers, on a network of its own: services bring no credentials.",
        "variables": {
            "bootstrap": {"default": "127.0.0.1:9092", "description": "As KAFKA_BOOTSTRAP_SERVERS has it."}
        },
    }
}


@dataclass(frozen=True)
class Reader:
    """A service that reads a topic: in a consumer group, or without one in each of its processes."""

    topic: str
    service: str
    group: str | None

    @property
    def operation(self) -> str:
        """The name of its reading, once in a document."""
        return f"{self.group or self.service}.receive.{self.topic}"


@dataclass(frozen=True)
class Writer:
    """A service that sends a fact to its topic."""

    topic: str
    service: str

    @property
    def operation(self) -> str:
        """The name of its sending, once in a document."""
        return f"{self.service}.send.{self.topic}"


@dataclass(frozen=True)
class Wiring:
    """What contracts alone don't tell: who reads and sends each fact, and an example of each by its type."""

    readers: tuple[Reader, ...]
    writers: tuple[Writer, ...]
    examples: Mapping[str, Any]


def asyncapi_document(wiring: Wiring) -> dict[str, Any]:
    """The document: every topic with its key, partitions, retention, headers and payloads.

    Each reader and each writer is an operation; a question's is one with a reply.
    """
    parts = [_fact_parts(wiring), question_parts(), dead_letter_parts(reading_services(wiring.readers))]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vivavoce facts",
            "version": VERSION,
            "description": "CloudEvents 1.0 in Kafka's binary content mode; one topic per fact.",
            "license": {"name": "Apache-2.0"},
        },
        "servers": SERVERS,
        "defaultContentType": "application/json",
        "channels": _in_order(each.channels for each in parts),
        "operations": _in_order(each.operations for each in parts),
        "components": {
            "messages": _in_order(each.messages for each in parts),
            "schemas": _in_order(each.schemas for each in parts),
        },
    }


def reading_services(readers: Iterable[Reader]) -> dict[str, list[str]]:
    """The services whose groups read each topic: those that may set a message of it aside."""
    found: dict[str, set[str]] = {}
    for reader in readers:
        if reader.group is not None:
            found.setdefault(reader.topic, set()).add(reader.service)
    return {topic: sorted(services) for topic, services in found.items()}


def _in_order(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return dict(sorted((name, told) for part in parts for name, told in part.items()))


def _fact_parts(wiring: Wiring) -> Parts:
    topics = {topic.name: topic for topic in all_topics()}
    facts = FACTS.values()
    return Parts(
        channels={
            each.type: channel(topics[each.type], each.__doc__ or "", {"fact": each.type}) for each in facts
        },
        operations={
            **{each.operation: _receiving(each) for each in wiring.readers},
            **{each.operation: _sending(each) for each in wiring.writers},
        },
        messages={each.type: _message(each, wiring.examples.get(each.type)) for each in facts},
        schemas={"cloudEventHeaders": headers(), **payload_schemas(facts)},
    )


def _sending(writer: Writer) -> dict[str, Any]:
    summary = f"{writer.service} tells it, in the order of its key."
    return {"action": "send", "summary": summary, **reference(writer.topic, "fact")}


def _receiving(reader: Reader) -> dict[str, Any]:
    told: dict[str, Any] = {"action": "receive", **reference(reader.topic, "fact")}
    if reader.group is None:
        return {**told, "summary": f"Each process of {reader.service} hears what comes from now on."}
    group = {"type": "string", "const": reader.group}
    summary = f"One process of {reader.service} handles each fact."
    return {**told, "summary": summary, "bindings": {"kafka": {"groupId": group}}}


def _message(fact: type[Fact], example: object) -> dict[str, Any]:
    return {
        "name": fact.type,
        "title": fact.__name__,
        "summary": (fact.__doc__ or "").splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/cloudEventHeaders"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": payload(fact),
        "bindings": {"kafka": {"key": {"type": "string", "description": f"`{fact.key_field}`"}}},
        **({"examples": [{"name": fact.type, "payload": example}]} if example is not None else {}),
        "x-data-version": fact.version,
        "x-offered-to-webhooks": fact.public,
    }
