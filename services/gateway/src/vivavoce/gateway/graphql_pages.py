"""What connections have in common: which part of a list is asked for, and where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import strawberry

from vivavoce.chassis.errors import InvalidInput
from vivavoce.gateway.cursors import Cursors
from vivavoce.gateway.graphql_context import MOST_IN_PAGE, GraphqlContext

USUAL_SIZE = 25


@strawberry.type(name="PageInfo", description="Where a page lies in its list, as Relay has it.")
class PageInfoType:
    """A page's place."""

    has_next_page: bool = strawberry.field(description="Whether something may follow.")
    has_previous_page: bool = strawberry.field(description="Whether something may come before.")
    start_cursor: str | None = strawberry.field(
        description="Give it as before to read backwards from here, if the list has such an argument."
    )
    end_cursor: str | None = strawberry.field(
        description="Give it as after to go on. It may lie beyond the last edge, when a filter has passed "
        "over what follows."
    )


@dataclass(frozen=True)
class Window:
    """How many are asked for, from which cursor, and whether backwards from it."""

    size: int
    cursor: str | None
    backwards: bool


def window_of(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """The part of a list that four arguments ask for; raises InvalidInput when they don't go together."""
    backwards = last is not None or before is not None
    if backwards and (first is not None or after is not None):
        raise InvalidInput("Give first and after, or last and before.")
    name, asked = ("last", last) if backwards else ("first", first)
    size = USUAL_SIZE if asked is None else asked
    if not 1 <= size <= MOST_IN_PAGE:
        raise InvalidInput(f"{name} must be from 1 to {MOST_IN_PAGE}.")
    return Window(size, before if backwards else after, backwards)


def page_info(window: Window, *, more: bool, start: str | None, end: str | None) -> PageInfoType:
    """A page's place; `more` says whether something may follow in the direction that was read."""
    known = window.cursor is not None
    return PageInfoType(
        has_next_page=known if window.backwards else more,
        has_previous_page=more if window.backwards else known,
        start_cursor=start,
        end_cursor=end,
    )


@dataclass(frozen=True)
class Forwards:
    """The part that is asked for of a list that is read forwards only; its cursors are good for that list."""

    cursors: Cursors
    scope: str
    window: Window

    @property
    def size(self) -> int:
        """How many are asked for."""
        return self.window.size

    @property
    def place(self) -> str | None:
        """After which place they come; None at the beginning. Raises InvalidCursor."""
        cursor = self.window.cursor
        return None if cursor is None else self.cursors.read(self.scope, cursor)

    def cursors_of(self, places: Sequence[str]) -> list[str]:
        """The cursors of places in the list."""
        return [self.cursors.write(self.scope, place) for place in places]

    def page_info(self, cursors: Sequence[str], reached: str | None) -> PageInfoType:
        """Where a page with these cursors lies; it goes on after the place that was reached, if any."""
        near, far = [cursors[0], cursors[-1]] if cursors else [None, None]
        end = far if reached is None else self.cursors.write(self.scope, reached)
        return page_info(self.window, more=reached is not None, start=near or end, end=end)


def forwards(context: GraphqlContext, name: str, first: int | None, after: str | None) -> Forwards:
    """The part of the organization's list of that name; raises InvalidInput at a size that can't be."""
    scope = f"{context.principal.organization_id}/{name}"
    return Forwards(context.cursors, scope, window_of(first, after, None, None))
