"""The schema itself: the reference's signatures, a permission at every root field, words for everything."""

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from tests.support.asking import answered, codes_of, data_of
from tests.support.gateway import GLOBEX, GatewayBench
from tests.support.interview_facts import AnswerFacts
from tests.support.webhook_answers import notifier_answer
from vivavoce.chassis.errors import NotFound
from vivavoce.contracts import Value
from vivavoce.gateway.graphql_permissions import Requires
from vivavoce.gateway.graphql_schema import make_schema
from vivavoce.gateway.interviews.graphql_types import SHOWN
from vivavoce.gateway.settings import GatewaySettings

ANSWER = AnswerFacts()
REFERENCE = """
scalar Elsewhere
type Interview { x: Elsewhere }
type AnalyticsData { x: Elsewhere }
input TimeRange { x: Elsewhere }
input CreateInterviewInput { x: Elsewhere }
input ScoreInput { x: Elsewhere }
type Query {
  interviews(userId: String!): [Interview!]!
  interview(id: ID!): Interview
  analytics(timeRange: TimeRange!): AnalyticsData!
}
type Mutation {
  createInterview(input: CreateInterviewInput!): Interview!
  updateScore(interviewId: ID!, score: ScoreInput!): Interview!
}
"""
SPAN = 'timeRange: { start: "2026-03-01T00:00:00Z", end: "2026-03-04T00:00:00Z" }'
SCHEMA = make_schema(GatewaySettings())
ROOTS = ("Query", "Mutation")


def signatures(fields: dict[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """Each field's type and its arguments' types."""
    return {
        name: (str(field.type), {each: str(one.type) for each, one in field.args.items()})
        for name, field in fields.items()
    }


@pytest.mark.parametrize("root", ROOTS)
def test_the_references_fields_have_exactly_its_signatures(root: str) -> None:
    expected, own = build_schema(REFERENCE).get_type(root), SCHEMA.definition.get_type(root)
    assert isinstance(expected, GraphQLObjectType)
    assert isinstance(own, GraphQLObjectType)
    wanted = signatures(expected.fields)
    assert {name: each for name, each in signatures(own.fields).items() if name in wanted} == wanted


@pytest.mark.parametrize("root", ROOTS)
def test_every_root_field_needs_a_permission(root: str) -> None:
    definition = SCHEMA.get_type_by_name(root)
    fields = getattr(definition, "fields", [])
    assert fields
    unguarded = [each for each in fields if not any(isinstance(one, Requires) for one in each.extensions)]
    assert [each.python_name for each in unguarded] == []


def test_everything_has_a_description_and_nothing_is_deprecated() -> None:
    silent = []
    for kind in SCHEMA.definition.type_map.values():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            silent += [place for place, said in described(kind) if not said]
    assert silent == []


def described(kind: GraphQLNamedType) -> list[tuple[str, bool]]:
    """A type and its fields, and whether each is described and not deprecated."""
    places = [(kind.name, bool(kind.description))]
    if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
        fields: dict[str, Any] = dict(kind.fields)
        places += [
            (f"{kind.name}.{name}", bool(each.description) and each.deprecation_reason is None)
            for name, each in fields.items()
        ]
    elif isinstance(kind, GraphQLEnumType):
        places += [(f"{kind.name}.{n}", v.deprecation_reason is None) for n, v in kind.values.items()]
    return places


ALL_FIELDS = {
    "interview": f'interview(id: "{ANSWER.interview_id}") {{ id }}',
    "interviews": 'interviews(userId: "user-1") { id }',
    "interviewConnection": 'interviewConnection(filter: { externalId: "int-7" }) { nodes { id } }',
    "analytics": f"analytics({SPAN}) {{ totals {{ submitted }} }}",
    "webhooks": "webhooks { nodes { id } }",
    "webhook": 'webhook(id: "wh-1") { id }',
    "webhookDeliveries": "webhookDeliveries { nodes { id } }",
    "webhookDelivery": 'webhookDelivery(id: "del-1") { id }',
    "webhookConnection": "webhookConnection { nodes { id } }",
    "webhookDeliveryConnection": "webhookDeliveryConnection { nodes { id } }",
    "updateScore": f"""updateScore(interviewId: "{ANSWER.interview_id}",
      score: {{ overall: 1, reason: "no" }}) {{ id }}""",
}
WEBHOOK_FIELDS = [name for name in ALL_FIELDS if name.startswith("webhook")]
NOTHING: dict[str, Any] = {
    "interview": None,
    "interviews": [],
    "interviewConnection": {"nodes": []},
    "analytics": {"totals": {"submitted": 0}},
    "webhook": None,
    "webhookDelivery": None,
}


async def finish(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(*[fact for _, fact in await gateway.emitted() if fact.type == "interview.submitted"])
    await gateway.tell(ANSWER.scored(), ANSWER.completed())


def operation(field: str) -> str:
    """A document that asks for one root field."""
    kind = "mutation" if field in {"updateScore", "createInterview"} else "query"
    return f"{kind} {{ {ALL_FIELDS[field]} }}"


def test_every_root_field_but_the_one_that_creates_is_asked_for_here() -> None:
    fields = [name for root in ROOTS for name in getattr(SCHEMA.definition.get_type(root), "fields", {})]
    assert sorted(fields) == sorted([*ALL_FIELDS, "createInterview"])


@pytest.mark.parametrize("field", NOTHING)
async def test_another_organization_finds_nothing_by_the_same_ids(gateway: GatewayBench, field: str) -> None:
    await finish(gateway)
    gateway.asker.answer = NotFound("There is no such thing.")
    assert await data_of(gateway, operation(field), organization=GLOBEX) == {field: NOTHING[field]}


async def test_the_owner_finds_it_by_the_same_ids(gateway: GatewayBench) -> None:
    await finish(gateway)
    for field in ("interview", "interviews", "interviewConnection", "analytics"):
        assert await data_of(gateway, operation(field)) != {field: NOTHING[field]}


@pytest.mark.parametrize("field", WEBHOOK_FIELDS)
async def test_webhooks_are_asked_for_in_the_callers_organization(gateway: GatewayBench, field: str) -> None:
    gateway.asker.answer = notifier_answer
    await data_of(gateway, operation(field), organization=GLOBEX)
    for question, context in gateway.asker.asked:
        assert getattr(question, "organization_id", None) == context.organization_id == GLOBEX


async def test_another_organization_can_change_nothing(gateway: GatewayBench) -> None:
    await finish(gateway)
    assert await codes_of(gateway, operation("updateScore"), organization=GLOBEX) == ["not_found"]
    shown = await data_of(gateway, '{ interviews(userId: "user-1") { overallScore overrides { by } } }')
    assert shown["interviews"] == [{"overallScore": 78.5, "overrides": []}]


@pytest.mark.parametrize("field", ["analytics", "updateScore", *WEBHOOK_FIELDS])
async def test_candidates_are_refused_what_is_for_staff(gateway: GatewayBench, field: str) -> None:
    await finish(gateway)
    assert await codes_of(gateway, operation(field), role="candidate") == ["forbidden"]
    assert gateway.asker.asked == []


@pytest.mark.parametrize("field", ["interview", "interviews", "interviewConnection"])
async def test_candidates_see_only_what_is_theirs(gateway: GatewayBench, field: str) -> None:
    await finish(gateway)
    seen = await data_of(gateway, operation(field), role="candidate", subject="somebody-else")
    assert seen == {field: NOTHING[field]}
    assert (await answered(gateway, operation(field), role="candidate"))["data"] != {field: NOTHING[field]}


@pytest.mark.parametrize(("shown", "told"), SHOWN.items(), ids=lambda each: each.__name__)
def test_a_type_that_shows_what_a_fact_told_has_no_field_that_the_fact_lacks(
    shown: Any, told: type[Value]
) -> None:
    names = {each.python_name for each in shown.__strawberry_definition__.fields}

    assert names
    assert names <= told.model_fields.keys()
