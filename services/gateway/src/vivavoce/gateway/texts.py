"""What a text from outside must be: Unicode that can be stored, without NUL, and of a sane length.

Bidirectional controls are kept as they came: Arabic and Hebrew writers need them. Whoever shows a
text to people decides how.
"""

import re
import unicodedata
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, Field, TypeAdapter, ValidationError
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

ITEM = TypeVar("ITEM")
LONGEST_ID = 200
LONGEST_NAME = 200
LONGEST_TEXT = 10_000
LONGEST_URL = 8_192
DEEPEST_JSON = 8

_URL = TypeAdapter(AnyHttpUrl)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def storable(value: str) -> str:
    """The text itself; raises when it can't be stored: NUL, or half of a surrogate pair."""
    if "\x00" in value:
        raise PydanticCustomError("nul_character", "must not contain NUL characters")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise PydanticCustomError("broken_unicode", "must be valid Unicode: half of a surrogate pair found")
    return value


def storable_json(value: ITEM) -> ITEM:
    """The JSON value itself; raises when a text anywhere in it can't be stored, or it is nested too deep."""
    _check_json(value, DEEPEST_JSON)
    return value


def _check_json(value: object, levels: int) -> None:
    if not levels:
        raise PydanticCustomError("nested", "must not be nested deeper than {n} levels", {"n": DEEPEST_JSON})
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, dict):
        for name, item in value.items():
            storable(name)
            _check_json(item, levels - 1)
    elif isinstance(value, list):
        for item in value:
            _check_json(item, levels - 1)


def not_blank(value: str) -> str:
    """The text itself; raises when there is nothing to read in it."""
    if not value.strip():
        raise PydanticCustomError("blank", "must not be blank")
    return value


def without_controls(value: str) -> str:
    """The id itself; raises when it has control characters, which no log or URL shows."""
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise PydanticCustomError("control_character", "must not contain control characters")
    return value


def http_url(value: str) -> str:
    """The address as it came; raises unless it is http or https with a host and a possible port."""
    parts = _split(value)
    if parts is None or parts[0] not in {"http", "https"} or not parts[1]:
        raise PydanticCustomError("http_url", "must be an http:// or https:// address with a host")
    if any(character.isspace() or unicodedata.category(character) == "Cc" for character in value):
        raise PydanticCustomError("http_url", "must not contain spaces or control characters")
    try:
        _URL.validate_python(value)
    except ValidationError as error:
        raise PydanticCustomError("http_url", "must be a valid address with a valid host and port") from error
    return value


def _split(value: str) -> tuple[str, str | None] | None:
    try:
        parts = urlsplit(value)
        return parts.scheme.lower(), parts.hostname
    except ValueError:
        return None


def email(value: str) -> str:
    """The e-mail address itself; raises unless something stands on both sides of one @."""
    if not _EMAIL.fullmatch(value):
        raise PydanticCustomError("email", "must be an e-mail address")
    return value


def not_empty(value: tuple[ITEM, ...]) -> tuple[ITEM, ...]:
    """The items themselves; raises when there are none.

    Pydantic's own `min_length` also complains when all items were refused for other reasons.
    """
    if not value:
        raise PydanticCustomError("empty", "must not be empty")
    return value


Storable = AfterValidator(storable)
NotEmpty = AfterValidator(not_empty)
AT_LEAST_ONE: JsonDict = {"minItems": 1}
Identifier = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_ID),
    Storable,
    AfterValidator(without_controls),
    AfterValidator(not_blank),
]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), Storable, AfterValidator(not_blank)]
OptionalName = Annotated[str, Field(max_length=LONGEST_NAME), Storable]
LongText = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), Storable, AfterValidator(not_blank)]
Email = Annotated[str, Field(min_length=3, max_length=320), Storable, AfterValidator(email)]
HttpUrl = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_URL, json_schema_extra={"format": "uri"}),
    Storable,
    AfterValidator(http_url),
]
