"""What the public audit suite of GraphQL over HTTP finds."""

from pathlib import Path

from tests.support.gateway import token
from tests.support.node import running
from tests.support.serving import Served

AUDIT = Path(__file__).parent / "audit.mjs"
AUDITS = 60
"""There are a few more; fewer would mean that the suite was not run."""


async def test_all_that_the_specification_demands_is_met(
    modules: Path, server: Served, tmp_path: Path
) -> None:
    asked = [f"{server.base_url}/graphql", {"Authorization": f"Bearer {token()}"}]
    async with running(AUDIT, modules, tmp_path, asked) as program:
        found = await program.rest()
    assert len(found) >= AUDITS
    assert [each for each in found if each["status"] == "error"] == []
    missed = [each for each in found if each["status"] != "ok"]
    assert [each for each in missed if each["name"].startswith(("MUST", "SHOULD"))] == []
    assert [each["name"] for each in missed] == []
