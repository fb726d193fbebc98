"""OpenAPI as pages for people: an index of all families, and each family's operations with their examples."""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from vivavoce.gateway.description.by_family import families
from vivavoce.gateway.description.layout import folded, framed, paragraphs, shown
from vivavoce.gateway.description.security import PERMISSION
from vivavoce.gateway.description.shared import resolved
from vivavoce.gateway.description.texts import FAMILIES
from vivavoce.gateway.families import Family

SHOWN_FAILURES = frozenset({"400", "404"})
"""Failures have one shape: these two show it, the others are named."""
FIRST_FAILURE = "4"
MACHINES: dict[str, str] = {
    "OpenAPI 3.1 of all families": "/openapi.json",
    "AsyncAPI 3 of the facts between the services": "/asyncapi.json",
    "GraphQL in its definition language": "/graphql/schema",
}


def ways(document: Mapping[str, Any]) -> dict[str, str]:
    """The pages by their names."""
    named = {FAMILIES[family].title: f"/docs/{family}" for family in families(document)}
    return {"index": "/docs", **named, "facts": "/asyncapi"}


def index_page(document: Mapping[str, Any]) -> str:
    """Every family, and what machines read."""
    told = "".join(_family(document, family) for family in families(document))
    machines = "".join(
        f'<li>{escape(name)}: <a href="{path}">{path}</a></li>' for name, path in MACHINES.items()
    )
    content = (
        f"{paragraphs(document['info']['description'])}<h2>Families</h2><dl>{told}</dl>"
        f"<h2>For machines</h2><ul>{machines}</ul>"
    )
    return framed(_title(document), ways(document), content)


def family_page(document: Mapping[str, Any], whole: Mapping[str, Any], family: Family) -> str:
    """One family's operations by their tags; `whole` is the document of all families."""
    told = "".join(_section(document, tag) for tag in document["tags"])
    machines = f'<p>Machines read <a href="/openapi/{family}.json">/openapi/{family}.json</a>.</p>'
    content = paragraphs(document["info"]["summary"]) + machines + told
    return framed(_title(document), ways(whole), content)


def _title(document: Mapping[str, Any]) -> str:
    return f"{document['info']['title']} {document['info']['version']}"


def _family(document: Mapping[str, Any], family: Family) -> str:
    text = FAMILIES[family]
    return (
        f'<dt><a href="/docs/{family}">{escape(text.title)}</a></dt><dd>{escape(text.summary)} '
        f'<a href="/openapi/{family}.json">OpenAPI of {escape(text.title)}</a></dd>'
    )


def _section(document: Mapping[str, Any], tag: Mapping[str, str]) -> str:
    operations = "".join(
        _operation(document, heading, operation)
        for heading, operation in _operations(document)
        if operation["tags"][0] == tag["name"]
    )
    if not operations:
        return ""
    return f"<h2>{escape(tag['name'])}</h2>{paragraphs(tag.get('description', ''))}{operations}"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation
    for name, methods in document.get("webhooks", {}).items():
        for operation in methods.values():
            yield name, operation


def _operation(document: Mapping[str, Any], heading: str, operation: Mapping[str, Any]) -> str:
    told = operation.get("summary", "")
    summary = f"<code>{escape(heading)}</code> {escape(told if told != heading else '')}"
    body = operation.get("requestBody", {})
    answers = "".join(
        _answer(status, resolved(document, answer)) for status, answer in operation["responses"].items()
    )
    content = (
        paragraphs(operation.get("description", ""))
        + _who(operation)
        + _parameters(operation.get("parameters", ()))
        + (f"<h3>Body</h3>{_examples(body)}" if body else "")
        + f"<h3>Answers</h3>{answers}"
    )
    return folded(summary, content)


def _who(operation: Mapping[str, Any]) -> str:
    credentials = ", ".join(name for one in operation["security"] for name in one)
    needed = f" with the permission {operation[PERMISSION]}" if PERMISSION in operation else ""
    return f'<p class="dim">{escape(f"For: {credentials}{needed}." if credentials else "Open.")}</p>'


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<dt><code>{escape(each['name'])}</code> in {escape(each['in'])}"
        f"{', required' if each.get('required') else ''}</dt>"
        f"<dd>{escape(each.get('description', ''))} {_sample(each)}</dd>"
        for each in parameters
    )
    return f"<h3>Parameters</h3><dl>{rows}</dl>" if rows else ""


def _sample(parameter: Mapping[str, Any]) -> str:
    found = next(iter(parameter.get("schema", {}).get("examples", ())), None)
    return "" if found is None else f'<span class="dim">such as <code>{escape(str(found))}</code></span>'


def _answer(status: str, response: Mapping[str, Any]) -> str:
    headers = ", ".join(f"<code>{escape(name)}</code>" for name in response.get("headers", ()))
    told = f"<p><code>{escape(status)}</code> {escape(response.get('description', ''))}</p>"
    visible = not status.startswith(FIRST_FAILURE) or status in SHOWN_FAILURES
    return (
        told
        + (f'<p class="dim">With {headers}.</p>' if headers else "")
        + (_examples(response) if visible else "")
    )


def _examples(part: Mapping[str, Any]) -> str:
    """Each example of a body, once."""
    found = dict.fromkeys(
        each if isinstance(each, str) else json.dumps(each, indent=2, ensure_ascii=False)
        for content in part.get("content", {}).values()
        for each in (*(one["value"] for one in content.get("examples", {}).values()), content.get("example"))
        if each
    )
    return "".join(shown(text) for text in found)
