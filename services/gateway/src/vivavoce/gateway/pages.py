"""Lists in pages: a cursor names the last place seen, so that what comes in between hides nothing."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from vivavoce.chassis.documents import Collection, Document, Where
from vivavoce.chassis.errors import FieldProblem, InvalidInput

LONGEST_CURSOR = 500
ON_A_PAGE = 50
MOST_ON_A_PAGE = 100

Cursor = Annotated[str, Field(min_length=1, max_length=LONGEST_CURSOR)]


class Placed(Document):
    """A document with a place in its list: no two of an organization have the same."""

    place: str = ""


PLACED = TypeVar("PLACED", bound=Placed)


@dataclass(frozen=True)
class Page(Generic[PLACED]):
    """Some of a list, and what leads to the next ones; None at its end."""

    items: Sequence[PLACED]
    next_cursor: str | None


class PageQuery(BaseModel):
    """Which page: `cursor` is the `nextCursor` of the page before."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")

    cursor: Cursor | None = None
    limit: int = Field(default=ON_A_PAGE, ge=1, le=MOST_ON_A_PAGE)


def place_of(at: datetime, document_id: str) -> str:
    """The place by time, and by id among those of one millisecond."""
    return f"{int(at.timestamp() * 1000):015d}-{document_id}"


async def read_page(
    collection: Collection[PLACED], organization_id: str, query: PageQuery, where: Where | None = None
) -> Page[PLACED]:
    """The organization's matching documents in order of place; raises InvalidInput at a cursor that is none.

    Takes an index over the organization, what `where` asks for, and `place`.
    """
    after = {} if query.cursor is None else {"place": {"$gt": _read(query.cursor)}}
    found = await collection.find(
        organization_id, {**(where or {}), **after}, sort=[("place", 1)], limit=query.limit + 1
    )
    items = found[: query.limit]
    return Page(items, _cursor_of(items[-1].place) if len(found) > query.limit else None)


def _cursor_of(place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([place]).encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        parts = None
    match parts:
        case [str(place)] if place.isascii():
            return place
        case _:
            problem = FieldProblem("cursor", "give the nextCursor of an earlier page of the same list")
            raise InvalidInput("The cursor can't be read.", problems=(problem,))
