"""What many operations answer alike is described once, and referred to."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

RESPONSE = "#/components/responses/{name}"
FIRST_FAILURE = 400
ALIKE = 2


def share_failures(document: dict[str, Any]) -> None:
    """Move failures that are told in the same words to the components; of several forms the usual one."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for _, _, response, name in _failures(document):
        told[name][_text(response)] += 1
    usual = {name: forms.most_common(1)[0] for name, forms in sorted(told.items())}
    shared = {name: form for name, (form, times) in usual.items() if times >= ALIKE}
    document["components"]["responses"] = {name: json.loads(form) for name, form in shared.items()}
    for responses, status, response, name in list(_failures(document)):
        if shared.get(name) == _text(response):
            responses[status] = {"$ref": RESPONSE.format(name=name)}


def resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a document, or what it refers to in the same one."""
    if "$ref" not in part:
        return part
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name.replace("~1", "/").replace("~0", "~")]
    return resolved(document, found)


def _failures(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any], str]]:
    """Each failure with the responses that it is one of, its status, and a name by its model."""
    for operations in document["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            for status, response in responses.items():
                model = _model(response)
                if int(status) >= FIRST_FAILURE and model:
                    yield responses, status, response, f"{model}{status}"


def _model(response: Mapping[str, Any]) -> str:
    contents = response.get("content", {}).values()
    return next((content["schema"].get("$ref", "").rpartition("/")[2] for content in contents), "")


def _text(response: Mapping[str, Any]) -> str:
    return json.dumps(response, ensure_ascii=False)
