"""The house's own lint finds what it is there to find."""

import ast
from pathlib import Path

from tools.lints import house

SERVICE_FILE = Path("services/gateway/src/vivavoce/gateway/records/endpoints.py")


def test_the_project_breaks_no_house_rule() -> None:
    assert list(house.breaches()) == []


def test_a_function_past_its_gate_is_found() -> None:
    text = "def long():\n" + "    x = 1\n" * 41
    assert any("long has 42 lines" in line for line in house.sizes(SERVICE_FILE, text, ast.parse(text)))


def test_a_thick_endpoint_is_found() -> None:
    text = "async def post():\n" + "    x = 1\n" * 13
    assert any("the edge post" in line for line in house.edges(SERVICE_FILE, ast.parse(text)))


def test_a_heavy_import_outside_an_adapter_is_found() -> None:
    tree = ast.parse("def f():\n    import cv2\n")
    assert list(house.heavy_imports(SERVICE_FILE, tree))
    assert not list(house.heavy_imports(Path("services/media/src/vivavoce/media/adapters/a.py"), tree))


def test_a_comment_that_switches_a_gate_off_is_found() -> None:
    assert list(house.exemptions(SERVICE_FILE, "import os  # " + "noqa: F401"))
