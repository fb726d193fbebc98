"""Promises and the tests that hold them: which of those tests are no longer there."""

import ast
from functools import cache

from tests.support.shared import ROOT

Tests = dict[str, tuple[str, ...]]
"""By file, the names of the tests in it."""


@cache
def written_in(path: str) -> frozenset[str]:
    """The names of the tests of a file, those of its classes included; empty where there is no file."""
    if not (ROOT / path).is_file():
        return frozenset()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = (node.name for node in ast.walk(tree) if isinstance(node, functions))
    return frozenset(name for name in names if name.startswith("test_"))


def missing(held: Tests) -> set[str]:
    """The tests that are named and don't exist."""
    return {
        f"{path}::{name}" for path, names in held.items() for name in names if name not in written_in(path)
    }
