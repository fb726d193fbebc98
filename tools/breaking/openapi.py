"""What a new OpenAPI document takes away from callers of an old one."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.breaking.schemas import Comparison, Direction

Part = Mapping[str, Any]
FIRST_FAILURE = "4"


def openapi_breaks(old: Part, new: Part) -> list[str]:
    """Each change that breaks a caller or a receiver of webhooks, with its place."""
    comparer = _Comparer(old, new)
    found: list[str] = []
    for kind, compare in (("paths", comparer.operation), ("webhooks", comparer.webhook)):
        for path, methods in old.get(kind, {}).items():
            for method, operation in methods.items():
                place = f"{method.upper()} {path}" if kind == "paths" else f"webhook {path}"
                there = new.get(kind, {}).get(path, {}).get(method)
                told = ["was removed"] if there is None else compare(operation, there)
                found += [f"{place}: {each}" for each in told]
    return found


class _Comparer:
    """Compares operations of two documents."""

    def __init__(self, old: Part, new: Part) -> None:
        self._old = old
        self._new = new
        self._taken = Comparison(old, new, Direction.TAKEN)
        self._given = Comparison(old, new, Direction.GIVEN)

    def operation(self, old: Part, new: Part) -> Iterator[str]:
        """What callers lose."""
        if old.get("operationId") != new.get("operationId"):
            yield f"operationId {old.get('operationId')} became {new.get('operationId')}"
        yield from self._credentials(old, new)
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._answers(old, new)

    def webhook(self, old: Part, new: Part) -> Iterator[str]:
        """What receivers lose."""
        names = {each["name"] for each in new.get("parameters", ())}
        for each in old.get("parameters", ()):
            if each["name"] not in names:
                yield f"header {each['name']} was removed"
        yield from self._contents(old["requestBody"], new["requestBody"], "body", self._given)

    def _credentials(self, old: Part, new: Part) -> Iterator[str]:
        before, now = old.get("security") or [{}], new.get("security") or [{}]
        for each in before:
            if each not in now and {} not in now:
                yield f"no longer takes {', '.join(each) or 'callers without credentials'}"
        if old.get("x-permission") != new.get("x-permission") and new.get("x-permission"):
            yield f"now needs the permission {new['x-permission']}"

    def _parameters(self, old: Part, new: Part) -> Iterator[str]:
        before, now = _parameters_of(old), _parameters_of(new)
        for key, parameter in before.items():
            told = f"{key[1]} parameter {key[0]}"
            if key not in now:
                yield f"{told} was removed"
                continue
            if now[key].get("required") and not parameter.get("required"):
                yield f"{told} became required"
            schemas = parameter.get("schema", {}), now[key].get("schema", {})
            yield from (f"{told} {each}" for each in self._taken.breaks(*schemas))
        for key, parameter in now.items():
            if key not in before and parameter.get("required"):
                yield f"{key[1]} parameter {key[0]} is new and required"

    def _body(self, old: Part, new: Part) -> Iterator[str]:
        before, now = old.get("requestBody"), new.get("requestBody")
        if now and now.get("required") and not (before or {}).get("required"):
            yield "the body became required"
        if before and not now:
            yield "the body was removed"
        if before and now:
            yield from self._contents(before, now, "body", self._taken)

    def _answers(self, old: Part, new: Part) -> Iterator[str]:
        for status, told in old["responses"].items():
            before, now = _resolved(told, self._old), new["responses"].get(status)
            if now is None:
                if status < FIRST_FAILURE:
                    yield f"answer {status} was removed"
                continue
            now = _resolved(now, self._new)
            for header in before.get("headers", {}):
                if header not in now.get("headers", {}):
                    yield f"answer {status}: header {header} was removed"
            yield from self._contents(before, now, f"answer {status}", self._given)

    def _contents(self, old: Part, new: Part, place: str, comparison: Comparison) -> Iterator[str]:
        there = new.get("content", {})
        for media_type, content in old.get("content", {}).items():
            if media_type not in there:
                yield f"{place}: {media_type} was removed"
                continue
            schemas = content.get("schema", {}), there[media_type].get("schema", {})
            yield from (f"{place}: {each}" for each in comparison.breaks(*schemas))


def _parameters_of(operation: Part) -> dict[tuple[str, str], Part]:
    return {(each["name"], each["in"]): each for each in operation.get("parameters", ())}


def _resolved(part: Part, document: Part) -> Part:
    if "$ref" not in part:
        return part
    return dict(document["components"]["responses"][part["$ref"].rpartition("/")[2]])
