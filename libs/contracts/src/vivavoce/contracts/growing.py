"""Enumerations that will grow: whoever reads them is told to expect values that they don't know."""

from typing import Any

GROWS = "x-grows"
GROWING = frozenset({"AuditAction", "IntegrityKind", "NullReason", "RejectionReason", "Stage"})
"""By the names of their classes: what happened, and why something is not there."""
EXPECT = "More values may come: take one that you don't know as a kind that you have no use for."


def mark_growing(schemas: dict[str, Any]) -> None:
    """Say it in the schemas, by their names, of a published document."""
    for name, schema in schemas.items():
        if name.rpartition(".")[2] in GROWING and "enum" in schema:
            told = [schema["description"]] if "description" in schema else []
            schema |= {GROWS: True, "description": "\n\n".join((*told, EXPECT))}
