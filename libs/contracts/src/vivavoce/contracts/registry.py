"""Type name to class, derived from the subject modules; two facts of one name are refused."""

from collections.abc import Iterable
from types import ModuleType
from typing import TypeVar

from vivavoce.contracts import (
    access,
    audit,
    deliveries,
    features,
    interviews,
    jobs,
    proctoring,
    progress,
    recordings,
    scores,
    services,
    webhook_events,
    webhooks,
)
from vivavoce.contracts.asking import Question
from vivavoce.contracts.fact import Fact, Message

MESSAGE = TypeVar("MESSAGE", bound=Message)
SUBJECTS = (
    *(interviews, recordings, features, proctoring, scores, progress),
    *(webhooks, deliveries, webhook_events, jobs, audit, access, services),
)


class DuplicateType(Exception):
    """Two classes claim one type name and version."""


def collect(kind: type[MESSAGE], modules: Iterable[ModuleType]) -> dict[str, type[MESSAGE]]:
    """Every named class of a kind in the modules, by type name; raises DuplicateType."""
    found: dict[str, type[MESSAGE]] = {}
    for module in modules:
        for candidate in vars(module).values():
            if not (isinstance(candidate, type) and issubclass(candidate, kind) and candidate.type):
                continue
            if found.setdefault(candidate.type, candidate) is not candidate:
                raise DuplicateType(f"{candidate.type} is claimed by {candidate} and {found[candidate.type]}")
    return found


FACTS: dict[str, type[Fact]] = collect(Fact, SUBJECTS)
PUBLIC_FACTS: dict[str, type[Fact]] = {name: fact for name, fact in sorted(FACTS.items()) if fact.public}
"""What webhook subscribers may ask for, in order of name."""

REQUESTS: dict[str, type[Question]] = collect(Question, SUBJECTS)


def fact_class(type_name: str, version: int) -> type[Fact] | None:
    """The class of a fact's type and data version, or None when this build doesn't know it."""
    found = FACTS.get(type_name)
    return found if found is not None and found.version == version else None
