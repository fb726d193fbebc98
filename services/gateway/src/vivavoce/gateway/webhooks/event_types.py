"""The events that webhooks can ask for, described by the contracts themselves."""

import inspect
from functools import cache
from typing import Any

from pydantic import Field

from vivavoce.contracts import EXAMPLES, PUBLIC_FACTS, Fact
from vivavoce.gateway.webhooks.schemas import Body


class EventTypeBody(Body):
    """One event: `schema` is the JSON Schema of what is in a delivery's `data`, `example` one of it."""

    type: str
    description: str
    data_schema: dict[str, Any] = Field(alias="schema")
    example: dict[str, Any]


@cache
def event_types() -> tuple[EventTypeBody, ...]:
    """Every event, in order of its name: made once, for it costs milliseconds."""
    return tuple(_described(kind) for kind in PUBLIC_FACTS.values())


def _described(kind: type[Fact]) -> EventTypeBody:
    return EventTypeBody(
        type=kind.type,
        description=inspect.getdoc(kind) or "",
        data_schema=kind.model_json_schema(),
        example=EXAMPLES[kind.type].model_dump(mode="json"),
    )
