"""What a GraphQL document would cost, told from its text before anything of it is run; pure.

A field costs a point, or its weight. Below a list everything costs once per item: as many as `first` or
`last` ask for, else as many as such a list is taken to have. A fragment is measured once, however often it
is spread, so that measuring takes a time that grows with the document only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
)

MOST_LEVELS = 60
USUAL_ITEMS = 5
PAGE_ITEMS = 25
POINT = 100
WEIGHTS: Mapping[str, int] = {
    "Query.analytics": 200,
    "AnalyticsData.previous": 200,
    "Mutation.createInterview": 200,
    "Mutation.updateScore": 100,
    "SentWebhookDelivery.attempts": 20,
}
"""Fields that cost more than a point, for what is behind them."""
ITEMS: Mapping[str, int] = {
    "Query.interviews": 50,
    "AnalyticsData.days": 31,
    "SentWebhookDelivery.attempts": 100,
}
"""Lists without a size of their own that are longer than usual."""
PAGED = frozenset({"nodes", "edges"})
SIZES = ("first", "last")
META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


class Refused(Exception):
    """The document is of a shape that can't be measured, and is not run; `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Limits:
    """What a document may have at most."""

    cost: int
    depth: int
    aliases: int
    directives: int
    fields: int


@dataclass(frozen=True)
class Measure:
    """A document's measures. `depth` is that of the schema's own fields, introspection aside.

    `names` are those of all its fields.
    """

    cost: int
    depth: int
    aliases: int
    directives: int
    fields: int
    names: frozenset[str] = frozenset()


def rate_points(cost: int) -> int:
    """How many points of a rate limit a document takes: one for each `POINT` that it costs or begins."""
    return max(1, -(-cost // POINT))


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
) -> Measure:
    """The measures of the operation that would run; what is counted counts in the whole document.

    Raises Refused at a fragment that spreads itself, and at selections nested too deep to follow.
    """
    measuring = _Measuring(schema, document, variables or {})
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    measured = {id(each): measuring.operation(each) for each in operations}
    chosen = [
        measured[id(each)]
        for each in operations
        if operation_name is None or (each.name is not None and each.name.value == operation_name)
    ]
    return Measure(
        cost=max((each.cost for each in chosen), default=0),
        depth=max((each.depth for each in chosen), default=0),
        aliases=measuring.aliases,
        directives=measuring.directives,
        fields=measuring.fields,
        names=frozenset(measuring.names),
    )


def check(found: Measure, limits: Limits) -> None:
    """Return if a document stays within the limits; raises Refused."""
    if found.depth > limits.depth:
        raise Refused(
            "query_too_deep",
            f"The query is {found.depth} levels deep; the depth is limited to {limits.depth}.",
        )
    counted = (
        ("aliases", found.aliases, limits.aliases),
        ("directives", found.directives, limits.directives),
        ("fields", found.fields, limits.fields),
    )
    for name, count, most in counted:
        if count > most:
            raise Refused("query_too_large", f"The document has {count} {name}; at most {most} are allowed.")
    if found.cost > limits.cost:
        raise Refused(
            "query_too_complex",
            f"The query costs {found.cost} points; at most {limits.cost} are run. "
            "Ask for fewer fields, or for smaller pages with first.",
        )


@dataclass(frozen=True)
class _Share:
    """What a selection set costs and how deep it is."""

    cost: int = 0
    depth: int = 0


@dataclass
class _Measuring:
    """One walk through a document."""

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    names: set[str] = field(default_factory=set)
    _defaults: dict[str, ValueNode | None] = field(default_factory=dict)
    _known: dict[str, _Share] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def operation(self, operation: OperationDefinitionNode) -> _Share:
        """The share of an operation."""
        self.directives += len(operation.directives or ())
        self._defaults = {
            each.variable.name.value: each.default_value for each in operation.variable_definitions or ()
        }
        self._known.clear()
        return self._selections(operation.selection_set, self.schema.get_root_type(operation.operation), 0)

    def _selections(
        self, selected: SelectionSetNode | None, parent: GraphQLNamedType | None, level: int
    ) -> _Share:
        if selected is None:
            return _Share()
        if level > MOST_LEVELS:
            raise Refused("query_too_deep", f"Selections are nested deeper than {MOST_LEVELS} levels.")
        shares = [self._selection(each, parent, level) for each in selected.selections]
        return _Share(
            cost=sum(each.cost for each in shares), depth=max((each.depth for each in shares), default=0)
        )

    def _selection(self, selection: Any, parent: GraphQLNamedType | None, level: int) -> _Share:
        self.directives += len(selection.directives or ())
        if isinstance(selection, FieldNode):
            return self._field(selection, parent, level)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value, level)
        condition = selection.type_condition if isinstance(selection, InlineFragmentNode) else None
        kind = self.schema.get_type(condition.name.value) if condition else parent
        return self._selections(selection.selection_set, kind, level + 1)

    def _fragment(self, name: str, level: int) -> _Share:
        if name in self._open:
            raise Refused("query_recursive", f"The fragment {name} spreads itself.")
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._definition(name, level)
            self._open.pop()
        return self._known[name]

    def _definition(self, name: str, level: int) -> _Share:
        for each in self.document.definitions:
            if isinstance(each, FragmentDefinitionNode) and each.name.value == name:
                self.directives += len(each.directives or ())
                kind = self.schema.get_type(each.type_condition.name.value)
                return self._selections(each.selection_set, kind, level + 1)
        return _Share()

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, level: int) -> _Share:
        self.fields += 1
        self.aliases += node.alias is not None
        name = node.name.value
        self.names.add(name)
        defined = _definition_of(parent, name)
        below = self._selections(
            node.selection_set, get_named_type(defined.type) if defined else None, level + 1
        )
        coordinate = f"{parent.name if parent else ''}.{name}"
        items = self._items(node, coordinate, defined) if node.selection_set else 1
        depth = 0 if name.startswith("__") or node.selection_set is None else 1 + below.depth
        return _Share(cost=WEIGHTS.get(coordinate, 1) + items * below.cost, depth=depth)

    def _items(self, node: FieldNode, coordinate: str, defined: GraphQLField | None) -> int:
        """How many items there will be of what is below a field."""
        if defined is None or node.name.value in PAGED:
            return 1
        sized = [name for name in SIZES if name in defined.args]
        if not sized:
            return ITEMS.get(coordinate, USUAL_ITEMS) if _is_list(defined) else 1
        asked = [self._number(each.value) for each in node.arguments or () if each.name.value in sized]
        given = [number for number in asked if number is not None]
        return max(0, *given) if given else _default_of(sized, defined)

    def _number(self, value: ValueNode | None) -> int | None:
        if isinstance(value, VariableNode):
            name = value.name.value
            given = self.variables.get(name)
            if name not in self.variables:
                return self._number(self._defaults.get(name))
            return given if isinstance(given, int) and not isinstance(given, bool) else None
        return int(value.value) if isinstance(value, IntValueNode) else None


def _definition_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if name in META:
        return META[name]
    fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
    return fields.get(name)


def _default_of(sized: Iterable[str], defined: GraphQLField) -> int:
    defaults = [defined.args[name].default_value for name in sized]
    return next((each for each in defaults if isinstance(each, int)), PAGE_ITEMS)


def _is_list(defined: GraphQLField) -> bool:
    kind: Any = defined.type
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)
