"""What no log line may show: secrets and personal data, by the names of fields and by their form in texts.

The rule is to log ids and kinds only. This is the net below it, for texts of errors and lines of libraries.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

HIDDEN = "[hidden]"
EXCEPTION = "exception"
_QUOTED = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")
_CREDENTIAL = r"secret|password|passwd|token|authorization|cookie|api_?key|private_?key|credentials?|jwt|csrf"
_PERSONAL = r"e_?mail|surname|phone|(?:first|last|full|given|family|candidate)_?name"
_PRIVATE_NAME = re.compile(rf"(?:^|_|-)(?:{_CREDENTIAL}|{_PERSONAL})(?:$|_|-)", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@", re.IGNORECASE), rf"\g<1>{HIDDEN}@"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#\"'<>]*)[?#][^\s\"'<>]*", re.IGNORECASE), rf"\g<1>?{HIDDEN}"),
    (re.compile(r"\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\g<1> {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*"), HIDDEN),
    (re.compile(r"\bwhs(?:ec|k)_[\w+/=-]+"), HIDDEN),
    (re.compile(r"\b(viva_[0-9a-f]{12})_[\w-]{20,}"), rf"\g<1>_{HIDDEN}"),
    (re.compile(r"\b(viva[a-z]*)_[\w-]{43,}"), rf"\g<1>_{HIDDEN}"),
    (
        re.compile(r"\b((?:set-)?cookie|authorization|apikey)(\s*[:=]\s*)[^\r\n]+", re.IGNORECASE),
        rf"\g<1>\g<2>{HIDDEN}",
    ),
    (
        re.compile(
            rf"([\"'](?:[\w-]*[_-])?(?:{_CREDENTIAL}|{_PERSONAL}|name)[\"']\s*:\s*)"
            r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')",
            re.IGNORECASE,
        ),
        rf"\g<1>{HIDDEN}",
    ),
    (
        re.compile(
            rf"\b((?:[\w-]*[_-])?(?:{_CREDENTIAL}|{_PERSONAL})=)('[^']*'|\"[^\"]*\"|[^\s,;&)'\"]+)",
            re.IGNORECASE,
        ),
        rf"\g<1>{HIDDEN}",
    ),
    (re.compile(r"\b(input_value=).*?(?=, input_type=|$)", re.DOTALL), rf"\g<1>{HIDDEN}"),
    (re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
)
"""In this order: users and queries of addresses, credentials of all kinds, headers, members of JSON, what
pydantic quotes of its input, and e-mail addresses."""


def redacted(name: str, value: Any) -> Any:
    """A logged value without what is private: all of it, if its field is named like that."""
    if isinstance(value, str):
        if name == EXCEPTION:
            value = _without_values(value)
        return HIDDEN if _PRIVATE_NAME.search(_HUMP.sub("_", name)) else redacted_text(value)
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        return {key: redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [redacted(name, inner) for inner in value]
    return value


def redacted_text(text: str) -> str:
    """A text without what looks private."""
    for pattern, shown in _TEXTS:
        text = pattern.sub(shown, text)
    return text


def _without_values(traceback: str) -> str:
    """A traceback whose errors don't quote the values that they met: their texts are not indented."""
    lines = traceback.split("\n")
    return "\n".join(line if line.startswith(" ") else _QUOTED.sub(HIDDEN, line) for line in lines)
