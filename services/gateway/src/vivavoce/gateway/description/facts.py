"""The AsyncAPI description of the facts between the services, for machines and as a page."""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from vivavoce.contracts.asyncapi import Reader, Wiring, Writer, asyncapi_document
from vivavoce.gateway.description.layout import folded, framed, paragraphs, shown

WIRING = "wiring.json"
"""Written by `make snapshots`: one service doesn't know what the others read and send."""


@cache
def facts_document() -> dict[str, Any]:
    """The AsyncAPI document, made once."""
    text = files("vivavoce.gateway.description").joinpath(WIRING).read_text(encoding="utf-8")
    known = json.loads(text)
    return asyncapi_document(
        Wiring(
            readers=tuple(Reader(*row) for row in known["readers"]),
            writers=tuple(Writer(*row) for row in known["writers"]),
            examples=dict(known["examples"]),
        )
    )


def facts_page(document: Mapping[str, Any], ways: Mapping[str, str]) -> str:
    """Every topic with who sends to it, who reads it, and an example."""
    info = document["info"]
    told = "".join(_channel(document, name) for name in document["channels"])
    machines = '<p>Machines read <a href="/asyncapi.json">/asyncapi.json</a>.</p>'
    content = f"{paragraphs(info['description'])}{machines}<h2>Topics</h2>{told}"
    return framed(f"{info['title']} {info['version']}", ways, content)


def _channel(document: Mapping[str, Any], name: str) -> str:
    channel = document["channels"][name]
    binding = channel["bindings"]["kafka"]
    place = f"#/channels/{name}"
    operations = "".join(
        f"<dt><code>{escape(operation)}</code></dt><dd>{escape(told['summary'])}</dd>"
        for operation, told in document["operations"].items()
        if told["channel"]["$ref"] == place
    )
    messages = "".join(
        _message(document["components"]["messages"][each["$ref"].rpartition("/")[2]])
        for each in channel["messages"].values()
    )
    partitions = f'<p class="dim">{binding["partitions"]} partitions.</p>'
    done = f"<h3>Who sends and reads</h3><dl>{operations}</dl>" if operations else ""
    content = paragraphs(channel["description"]) + partitions + done + f"<h3>Messages</h3>{messages}"
    return folded(f"<code>{escape(name)}</code>", content)


def _message(message: Mapping[str, Any]) -> str:
    examples = "".join(
        shown(json.dumps(each["payload"], indent=2, ensure_ascii=False))
        for each in message.get("examples", ())
    )
    return f"<p><code>{escape(message['name'])}</code> {escape(message['summary'])}</p>{examples}"
