"""Which service sends which fact: the one whose code makes it, and every one if the chassis does."""

import ast
from collections.abc import Iterator
from pathlib import Path

from vivavoce.contracts.asyncapi import Writer
from vivavoce.contracts.registry import FACTS

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ROOT / "services"
CHASSIS = ROOT / "libs" / "chassis"


def writers() -> tuple[Writer, ...]:
    """Every service's facts, by topic and service."""
    everybodys = set(_made_in(CHASSIS))
    folders = [folder for folder in SERVICES.iterdir() if folder.is_dir()]
    found = {Writer(topic, each.name) for each in folders for topic in everybodys | set(_made_in(each))}
    return tuple(sorted(found, key=lambda one: (one.topic, one.service)))


def _made_in(folder: Path) -> Iterator[str]:
    types = {fact.__name__: name for name, fact in FACTS.items()}
    for path in folder.glob("src/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in types:
                yield types[node.func.id]
