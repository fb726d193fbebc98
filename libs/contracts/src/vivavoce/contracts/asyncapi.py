"""The AsyncAPI 3 description of every topic and of who reads it, derived from the contracts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vivavoce.contracts.fact import Fact
from vivavoce.contracts.registry import FACTS

MILLISECONDS = 1000
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
class Reader:
    """A service that reads a topic: in a consumer group, or without one in each of its processes."""

    topic: str
    service: str
    group: str | None

    @property
    def operation(self) -> str:
        """The name of its reading, once in a document."""
        return f"{self.group or self.service}.receive.{self.topic}"


def asyncapi_document(readers: Iterable[Reader]) -> dict[str, Any]:
    """The document: one channel per fact, with its key, partitions, retention, headers and payload.

    Each reader is an operation with its consumer group.
    """
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vivavoce facts",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka's binary content mode; one topic per fact.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(fact) for name, fact in sorted(FACTS.items())},
        "operations": {reader.operation: _operation(reader) for reader in readers},
        "components": {
            "messages": {name: _message(fact) for name, fact in sorted(FACTS.items())},
            "schemas": {"cloudEventHeaders": _headers()},
        },
    }


def _channel(fact: type[Fact]) -> dict[str, Any]:
    return {
        "address": fact.type,
        "description": fact.__doc__ or "",
        "messages": {"fact": {"$ref": f"#/components/messages/{fact.type}"}},
        "bindings": {
            "kafka": {
                "topic": fact.type,
                "partitions": fact.partitions,
                "topicConfiguration": {
                    "retention.ms": int(fact.retention.total_seconds() * MILLISECONDS),
                },
            }
        },
    }


def _operation(reader: Reader) -> dict[str, Any]:
    channel = f"#/channels/{reader.topic}"
    told: dict[str, Any] = {
        "action": "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/fact"}],
    }
    if reader.group is None:
        return {**told, "summary": f"Each process of {reader.service} hears what comes from now on."}
    group = {"type": "string", "const": reader.group}
    summary = f"One process of {reader.service} handles each fact."
    return {**told, "summary": summary, "bindings": {"kafka": {"groupId": group}}}


def _message(fact: type[Fact]) -> dict[str, Any]:
    return {
        "name": fact.type,
        "summary": (fact.__doc__ or "").splitlines()[0],
        "headers": {"$ref": "#/components/schemas/cloudEventHeaders"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": fact.model_json_schema(mode="serialization"),
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": f"`{fact.key_field}`"}}},
        "x-data-version": fact.version,
        "x-offered-to-webhooks": fact.public,
    }


def _headers() -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in (*REQUIRED_HEADERS, *OPTIONAL_HEADERS)}
    return {"type": "object", "properties": properties, "required": list(REQUIRED_HEADERS)}
