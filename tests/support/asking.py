"""Asks a gateway in GraphQL, and hands back what it says."""

from typing import Any

from tests.support.gateway import ACME, GatewayBench


async def answered(
    gateway: GatewayBench,
    query: str,
    *,
    organization: str = ACME,
    role: str = "admin",
    subject: str = "user-1",
    **variables: Any,
) -> dict[str, Any]:
    """The whole answer."""
    async with gateway.client(organization, role, subject) as client:
        response = await client.post("/graphql", json={"query": query, "variables": variables})
    found: dict[str, Any] = response.json()
    return found


async def data_of(gateway: GatewayBench, query: str, **options: Any) -> dict[str, Any]:
    """The data of an answer that has no errors."""
    body = await answered(gateway, query, **options)
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]
    return found


async def codes_of(gateway: GatewayBench, query: str, **options: Any) -> list[str]:
    """The codes of an answer's errors."""
    body = await answered(gateway, query, **options)
    return [error["extensions"]["code"] for error in body.get("errors", [])]
