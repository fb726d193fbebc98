"""How the services are wired, which no service can tell alone: kept beside the page that shows it."""

import json
from pathlib import Path
from typing import Any

from tools.readers import readers
from tools.writers import writers
from vivavoce.contracts.asyncapi import Wiring
from vivavoce.contracts.registry import FACTS

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "contracts" / "golden"


def wiring() -> Wiring:
    """Readers and writers by the services' own code, and the golden of each fact as its example."""
    found = {name: GOLDEN / f"{name}.v{fact.version}.json" for name, fact in FACTS.items()}
    examples = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in sorted(found.items())}
    return Wiring(readers(), writers(), examples)


def wiring_text() -> str:
    """The same as JSON, one reader, writer or example a line."""
    known = wiring()
    lists: dict[str, list[str]] = {
        "readers": [_line([each.topic, each.service, each.group]) for each in known.readers],
        "writers": [_line([each.topic, each.service]) for each in known.writers],
        "examples": [_line([name, example]) for name, example in known.examples.items()],
    }
    parts = [f'  "{name}": [\n    {_joined(lines)}\n  ]' for name, lines in lists.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(row: list[Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _joined(lines: list[str]) -> str:
    return ",\n    ".join(lines)
