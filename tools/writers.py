"""Which service sends which fact: the one whose code makes it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from vivavoce.contracts.asyncapi import Writer
from vivavoce.contracts.registry import FACTS

SERVICES = Path(__file__).resolve().parents[1] / "services"


def writers() -> tuple[Writer, ...]:
    """Every service's facts, by topic and service."""
    found = {writer for folder in SERVICES.iterdir() if folder.is_dir() for writer in _of_service(folder)}
    return tuple(sorted(found, key=lambda one: (one.topic, one.service)))


def _of_service(folder: Path) -> Iterator[Writer]:
    types = {fact.__name__: name for name, fact in FACTS.items()}
    for path in folder.glob("src/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in types:
                yield Writer(types[node.func.id], folder.name)
