"""What a time from outside must be: a text, never a number that might count anything."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError


def _written(value: Any) -> Any:
    """A time in words; pydantic alone would take a number, also as a text, for seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and not _is_number(value)):
        return value
    raise PydanticCustomError("moment", "must be a date and a time such as 2026-05-01T09:30:00Z")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("moment", "must be a time of the years 1 to 9999 in UTC") from error


Written = BeforeValidator(_written)
Moment = Annotated[AwareDatetime, Written, AfterValidator(_in_utc)]
"""With its offset; in UTC from then on."""
