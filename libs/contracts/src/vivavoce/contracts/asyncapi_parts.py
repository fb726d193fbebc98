"""The pieces of AsyncAPI documents: channels, their messages, and the headers of CloudEvents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vivavoce.contracts.fact import Value
from vivavoce.contracts.growing import mark_growing
from vivavoce.contracts.topics import Topic

MILLISECONDS = 1000
SCHEMA = "#/components/schemas/{model}"
REQUIRED_HEADERS = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_subject",
    "ce_organizationid",
    "ce_correlationid",
    "ce_dataversion",
)
OPTIONAL_HEADERS = ("ce_causationid", "ce_traceparent", "content-type")


@dataclass(frozen=True)
class Parts:
    """A share of a document, each of its kinds by name."""

    channels: Mapping[str, Any]
    operations: Mapping[str, Any]
    messages: Mapping[str, Any]
    schemas: Mapping[str, Any]


def channel(topic: Topic, description: str, messages: Mapping[str, str]) -> dict[str, Any]:
    """A topic; `messages` are the components that it carries, by their names within the channel."""
    return {
        "address": topic.name,
        "description": description,
        "messages": {
            name: {"$ref": f"#/components/messages/{component}"} for name, component in messages.items()
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"retention.ms": int(topic.retention.total_seconds() * MILLISECONDS)},
            }
        },
    }


def reference(topic: str, *messages: str) -> dict[str, Any]:
    """Where an operation happens, and with which of the channel's messages."""
    place = f"#/channels/{topic}"
    return {
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{message}"} for message in messages],
    }


def headers(
    required: Mapping[str, str] | None = None, optional: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The schema of CloudEvents' headers, and of further ones by what they say."""
    more, perhaps = required or {}, optional or {}
    properties: dict[str, Any] = {name: {"type": "string"} for name in (*REQUIRED_HEADERS, *OPTIONAL_HEADERS)}
    for name, told in (*more.items(), *perhaps.items()):
        properties[name] = {"type": "string", "description": told}
    return {"type": "object", "properties": properties, "required": [*REQUIRED_HEADERS, *more]}


def payload(kind: type[Value]) -> dict[str, Any]:
    """What a message carries: where its schema is among the components."""
    return {"$ref": SCHEMA.format(model=kind.__name__)}


def payload_schemas(kinds: Iterable[type[Value]]) -> dict[str, Any]:
    """The schemas of payloads and of their parts, by the names of their classes."""
    found: dict[str, Any] = {}
    for kind in kinds:
        schema = kind.model_json_schema(mode="serialization", ref_template=SCHEMA)
        found |= {**schema.pop("$defs", {}), kind.__name__: schema}
    mark_growing(found)
    return found
