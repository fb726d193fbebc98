"""The permission of a GraphQL root field stands beside it, as an endpoint's stands in its signature."""

from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import GraphqlContext


class Requires(FieldExtension):
    """Lets a field be resolved for whoever has a permission; the walk over the schema looks for it."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def resolve(
        self,
        next_: Callable[..., Any],
        source: object,
        info: strawberry.Info[GraphqlContext, None],
        **arguments: Any,
    ) -> Any:
        """The field's value, or its events; raises Forbidden."""
        info.context.principal.require(self.permission)
        return next_(source, info, **arguments)

    async def resolve_async(
        self,
        next_: Callable[..., Any],
        source: object,
        info: strawberry.Info[GraphqlContext, None],
        **arguments: Any,
    ) -> Any:
        """The field's value, or its events; raises Forbidden."""
        info.context.principal.require(self.permission)
        found = next_(source, info, **arguments)
        return await found if isawaitable(found) else found


def requires(permission: Permission) -> Requires:
    """The extension of fields that need a permission: `extensions=[requires(Permission.READ)]`."""
    return Requires(permission)
