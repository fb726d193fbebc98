"""What bodies may be: how large on which path, and how deeply their JSON may be nested."""

import re
from array import array
from collections.abc import Callable
from itertools import accumulate

from starlette.types import Scope

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.chassis.http import BodyRules, header_of
from vivavoce.gateway.guards.settings import GuardSettings
from vivavoce.gateway.limits.rules import Tier, tier_of

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_OPENING, _CLOSING, _QUOTE = b"[{", b"]}", b'"'
_DROPPED = bytes(set(range(256)) - set(_OPENING + _CLOSING + _QUOTE))
_STEPS = bytes(1 if byte in _OPENING else 255 for byte in range(256))
"""As signed bytes: one level down for what opens, one up for what closes."""


def body_rules(settings: GuardSettings) -> BodyRules:
    """The rules by which bodies are read."""

    def limit_of(scope: Scope) -> int:
        uploads = tier_of(scope["path"]) is Tier.UPLOAD
        return settings.max_upload_bytes if uploads else settings.max_body_bytes

    return BodyRules(
        settings.max_body_bytes, limit_of, settings.body_seconds, _depth_check(settings.max_json_depth)
    )


def is_deeper(body: bytes, levels: int) -> bool:
    """Whether the arrays and objects of a JSON text are nested in more levels, by looks alone.

    It isn't parsed: deep nesting is what would exhaust a parser. Most texts have fewer brackets than
    there may be levels.
    """
    if sum(body.count(bracket) for bracket in (b"[", b"{")) <= levels:
        return False
    unescaped = _ESCAPED.sub(b"", body) if b"\\" in body else body
    outside_strings = b"".join(unescaped.translate(None, _DROPPED).split(_QUOTE)[::2])
    depths = accumulate(array("b", outside_strings.translate(_STEPS)))
    return max(depths, default=0) > levels


def _depth_check(levels: int) -> Callable[[Scope, bytes], None]:
    message = f"The body's JSON is nested in more than {levels} levels."
    problem = FieldProblem("body", f"must not be nested in more than {levels} levels")

    def check(scope: Scope, body: bytes) -> None:
        is_json = b"json" in header_of(scope, b"content-type").lower()
        if is_json and is_deeper(body, levels):
            raise InvalidInput(message, problems=(problem,))

    return check
