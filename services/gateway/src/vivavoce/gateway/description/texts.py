"""What the descriptions are called, and what is said of each family and each tag."""

from typing import NamedTuple

from vivavoce.gateway.families import Family

TITLE = "Vivavoce"
VERSION = "1.0.0"
"""Of paths and of GraphQL. A change that breaks callers raises the first number."""
SUMMARY = "An event-driven interview platform."
LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
SERVERS = [{"url": "/", "description": "The gateway that serves this description."}]


class FamilyText(NamedTuple):
    """What one family is called, and what it is for."""

    title: str
    summary: str


FAMILIES: dict[Family, FamilyText] = {
    Family.RECORDS: FamilyText(
        "records", "Hand in recorded interviews, follow them, and read their results."
    ),
    Family.PLATFORM: FamilyText(
        "platform", "Webhooks, candidate links, and the administration of an organization."
    ),
    Family.V1: FamilyText("v1", "Accounts and sessions of the first version."),
    Family.V2: FamilyText("v2", "The second version, for callers with an API key."),
    Family.TALENT: FamilyText("talent", "Briefings, rooms and intake for recruiting."),
    Family.GRAPHQL: FamilyText("GraphQL", "Queries, mutations and subscriptions over one address."),
    Family.SYSTEM: FamilyText("system", "Health, liveness, metrics and keys, for whoever runs it."),
}
TAGS: dict[str, str] = {
    "records": "Recorded interviews, their progress and their results.",
    "webhooks": "Endpoints that are told of facts, what was delivered to them, and replays.",
    "graphql": "GraphQL over HTTP.",
    "administration": "API keys, users, and the audit log.",
    "candidate links": "Links that show a candidate the result of one interview.",
    "v1 accounts": "Registration, sign-in and sessions.",
    "system": "For operators.",
    "events": "What webhook endpoints receive.",
}
