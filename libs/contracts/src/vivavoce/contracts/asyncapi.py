"""The AsyncAPI 3 description of every topic, derived from the contracts."""

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


def asyncapi_document() -> dict[str, Any]:
    """The document: one channel per fact, with its key, partitions, retention, headers and payload."""
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
