"""Writes what the code says of itself (docs/api/, .env.example), or checks that it is current.

Run as `python -m tools.snapshots` to write, with `--check` to fail on a difference. Neither lets pass what
breaks callers of what was published, unless the major version is raised.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tools.breaking.gate import breaks
from tools.env_example import env_example
from tools.limits_page import limits_page
from tools.wiring import wiring, wiring_text
from vivavoce.contracts.asyncapi import asyncapi_document
from vivavoce.gateway.description.by_family import families, family_document
from vivavoce.gateway.families import Family
from vivavoce.gateway.published import graphql_schema, openapi_document

ROOT = Path(__file__).resolve().parents[1]


def as_json(document: object) -> str:
    """A stable text of a document."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


@cache
def whole() -> dict[str, Any]:
    """The OpenAPI document of all families."""
    return openapi_document()


def openapi_of(family: Family) -> Callable[[], str]:
    """What makes the text of one family's document."""
    return lambda: as_json(family_document(whole(), family))


SNAPSHOTS: dict[str, Callable[[], str]] = {
    "docs/api/openapi.json": lambda: as_json(whole()),
    **{f"docs/api/openapi/{family}.json": openapi_of(family) for family in families(whole())},
    "docs/api/schema.graphql": lambda: graphql_schema().rstrip() + "\n",
    "docs/api/asyncapi.json": lambda: as_json(asyncapi_document(wiring())),
    "services/gateway/src/vivavoce/gateway/description/wiring.json": wiring_text,
    "docs/limits.md": limits_page,
    ".env.example": env_example,
}


def main(check: bool, root: Path = ROOT) -> int:
    """Write every snapshot unless one breaks what was published, or name what differs and what breaks.

    The exit code says whether anything was named.
    """
    new = {name: make() for name, make in SNAPSHOTS.items()}
    old = {name: (root / name).read_text(encoding="utf-8") for name in new if (root / name).is_file()}
    broken = [f"{name}: {told}" for name in new for told in breaks(name, old, new)]
    stale = [name for name, text in new.items() if old.get(name) != text] if check else []
    for told in broken:
        print(told)
    if broken:
        print(
            f"{len(broken)} changes break callers: take them back, or raise the major version in info.version"
        )
    for name in stale:
        print(f"{name} is not what the code publishes: run make snapshots and read the difference")
    if not check and not broken:
        _write(new, root)
    return 1 if broken or stale else 0


def _write(texts: Mapping[str, str], root: Path) -> None:
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
