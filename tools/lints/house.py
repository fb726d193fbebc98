"""House rules that no published linter has: sizes, edges, heavy imports, words and addresses.

Run as `python -m tools.lints.house`; prints one line per breach and exits 1 if there is any.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTION_LINES = 40
EDGE_LINES = 12
FILE_LINES = 300
TEST_FILE_LINES = 400
EDGE_FILES = re.compile(r"services/.*/(endpoints\w*|graphql|subscriptions)\.py$")
HEAVY = {"av", "cv2", "mediapipe", "faster_whisper", "onnxruntime", "tokenizers", "dlib", "groq"}
HEAVY_PLACES = re.compile(r"services/.*/adapters/|^samples/|^tests/|^bench/")
EXEMPTIONS = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:\s*ignore|pragma:\s*no cover|ruff:\s*noqa|mypy:)")
ADDRESS = re.compile(r"https?://")


def tracked(*patterns: str) -> list[Path]:
    """The files that belong to the project, by git's patterns; new files count too."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [Path(name) for name in names if (ROOT / name).is_file()]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def span(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the signature to the end, without decorators and docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def sizes(path: Path, text: str, tree: ast.Module) -> Iterator[str]:
    """Files and functions past their gate."""
    limit = TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES
    lines = text.count("\n")
    if lines > limit:
        yield f"{path}: {lines} lines, at most {limit}: split it"
    for node in functions(tree):
        if span(node) > FUNCTION_LINES:
            yield f"{path}:{node.lineno}: {node.name} has {span(node)} lines, at most {FUNCTION_LINES}"


def edges(path: Path, tree: ast.Module) -> Iterator[str]:
    """Endpoints and consumers that do more than parse, call one use case and return."""
    if not EDGE_FILES.search(path.as_posix()):
        return
    for node in functions(tree):
        body = (node.end_lineno or 0) - node.body[0].lineno + 1
        if isinstance(node, ast.AsyncFunctionDef) and body > EDGE_LINES:
            yield f"{path}:{node.lineno}: the edge {node.name} has {body} lines, at most {EDGE_LINES}"


def heavy_imports(path: Path, tree: ast.Module) -> Iterator[str]:
    """Heavy libraries outside the adapters of the service that needs them."""
    if HEAVY_PLACES.search(path.as_posix()):
        return
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] in HEAVY:
                yield f"{path}:{getattr(node, 'lineno', 0)}: imports {name} outside adapters/"


def exemptions(path: Path, text: str) -> Iterator[str]:
    """Comments that switch a gate off."""
    if path == Path("tools/lints/house.py"):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if EXEMPTIONS.search(line):
            yield f"{path}:{number}: switches a gate off"


def addresses() -> Iterator[str]:
    """Addresses in lock files, which carry versions and hashes only."""
    for path in tracked("*.lock"):
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if ADDRESS.search(line):
                yield f"{path}:{number}: names an address"


def breaches() -> Iterator[str]:
    """Every breach of every rule."""
    for path in tracked("*.py"):
        text = (ROOT / path).read_text()
        tree = ast.parse(text)
        yield from sizes(path, text, tree)
        yield from edges(path, tree)
        yield from heavy_imports(path, tree)
        yield from exemptions(path, text)
    yield from addresses()


def main() -> int:
    """Print the breaches; the exit code says whether there are any."""
    found = list(breaches())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
