"""What a new AsyncAPI document takes away from readers of an old one: contracts only grow."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.breaking.schemas import Comparison, Direction

Part = Mapping[str, Any]


def asyncapi_breaks(old: Part, new: Part) -> list[str]:
    """Each change that breaks a reader of a topic, with its place."""
    comparison = Comparison(old, new, Direction.GIVEN)
    channels = [
        f"topic {name}: {told}"
        for name, channel in old["channels"].items()
        for told in _channel(channel, new["channels"].get(name))
    ]
    messages = [
        f"message {name}: {told}"
        for name, message in old["components"]["messages"].items()
        for told in _message(message, new["components"]["messages"].get(name), comparison)
    ]
    return [*channels, *messages]


def _channel(old: Part, new: Part | None) -> Iterator[str]:
    if new is None:
        yield "was removed"
        return
    if old["address"] != new["address"]:
        yield f"its address {old['address']} became {new['address']}"
    for name in old["messages"]:
        if name not in new["messages"]:
            yield f"message {name} was removed"
    before, now = (each["bindings"]["kafka"]["partitions"] for each in (old, new))
    if before != now:
        yield f"{before} partitions became {now}: what has one key would lie in two of them"


def _message(old: Part, new: Part | None, comparison: Comparison) -> Iterator[str]:
    if new is None:
        yield "was removed"
        return
    key, new_key = (each.get("bindings", {}).get("kafka", {}).get("key") for each in (old, new))
    if key != new_key:
        yield "its key changed"
    for part in ("headers", "payload"):
        if part in old:
            yield from (f"{part} {each}" for each in comparison.breaks(old[part], new.get(part, {})))
