"""One OpenAPI document per API family, each a part of the whole: what it doesn't need is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from vivavoce.gateway.description.texts import FAMILIES
from vivavoce.gateway.families import Family, family_of

COMPONENT_DEPTH = 3
TELLS_OF_WEBHOOKS = Family.PLATFORM


def families(document: Mapping[str, Any]) -> list[Family]:
    """The families that have operations, in their usual order."""
    found = {family_of(path) for path in document["paths"]}
    return [family for family in Family if family in found]


def family_document(document: Mapping[str, Any], family: Family) -> dict[str, Any]:
    """What the whole document says of one family, and nothing else; raises KeyError if that is nothing."""
    if family not in families(document):
        raise KeyError(family)
    paths = {path: told for path, told in document["paths"].items() if family_of(path) is family}
    webhooks = document["webhooks"] if family is TELLS_OF_WEBHOOKS else {}
    parts = {"paths": paths, **({"webhooks": webhooks} if webhooks else {})}
    operations = [each for told in (*paths.values(), *webhooks.values()) for each in told.values()]
    tags = {tag for operation in operations for tag in operation["tags"]}
    title = f"{document['info']['title']}: {FAMILIES[family].title}"
    whole = {name: told for name, told in document.items() if name != "webhooks"}
    return {
        **whole,
        "info": {**document["info"], "title": title, "summary": FAMILIES[family].summary},
        "tags": [tag for tag in document["tags"] if tag["name"] in tags],
        **parts,
        "components": _needed(document["components"], parts, operations),
    }


def _needed(
    components: Mapping[str, Any], parts: Mapping[str, Any], operations: list[dict[str, Any]]
) -> dict[str, Any]:
    wanted, seen = list(_references(parts)), set[str]()
    while wanted:
        reference = wanted.pop()
        if reference in seen:
            continue
        seen.add(reference)
        _, kind, name = reference.removeprefix("#/").split("/", COMPONENT_DEPTH - 1)
        wanted += _references(components[kind][name])
    credentials = {name for each in operations for one in each["security"] for name in one}
    kept = seen | {f"#/components/securitySchemes/{name}" for name in credentials}
    found = {
        kind: {name: told for name, told in named.items() if f"#/components/{kind}/{name}" in kept}
        for kind, named in components.items()
    }
    return {kind: named for kind, named in found.items() if named}


def _references(part: Any) -> Iterator[str]:
    """Every reference within a part; one in an example is nobody's, but there are none."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _references(each)
