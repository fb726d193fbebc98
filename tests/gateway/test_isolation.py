"""Nothing of one organization can be read, listed or changed by another."""

import pytest

from tests.support.gateway import ACME, GLOBEX, GatewayBench
from tests.support.interview_facts import AnswerFacts
from vivavoce.contracts import ListWebhooks, WebhooksListed

ANSWER = AnswerFacts()
READS = (
    f"/api/interview-record/{ANSWER.interview_id}",
    f"/api/interview-record/{ANSWER.interview_id}/events",
    f"/api/job-result/by-job/{ANSWER.answer_id}",
    "/api/job-result/video-1",
)


async def finish(gateway: GatewayBench) -> None:
    await gateway.submit()
    facts = (ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())
    await gateway.tell(*facts)


@pytest.mark.parametrize("path", READS)
async def test_the_owner_reads_it_and_another_organization_does_not(gateway: GatewayBench, path: str) -> None:
    await finish(gateway)
    async with gateway.client(ACME) as owner, gateway.client(GLOBEX) as other:
        assert (await owner.get(path)).status_code == 200
        assert (await other.get(path)).status_code == 404


@pytest.mark.parametrize("path", READS)
async def test_what_is_anothers_looks_like_what_never_was(gateway: GatewayBench, path: str) -> None:
    await finish(gateway)
    async with gateway.client(GLOBEX) as other:
        hidden = await other.get(path, headers={"X-Correlation-ID": "same"})
        unknown = await other.get(
            path.replace(ANSWER.interview_id, "0" * 24)
            .replace(ANSWER.answer_id, "1" * 24)
            .replace("-1", "-0"),
            headers={"X-Correlation-ID": "same"},
        )
    assert hidden.status_code == unknown.status_code
    assert hidden.headers.keys() == unknown.headers.keys()
    assert hidden.json().keys() == unknown.json().keys()


async def test_graphql_shows_each_organization_its_own(gateway: GatewayBench) -> None:
    await finish(gateway)
    query = (
        f'{{ interview(id: "{ANSWER.interview_id}") {{ id }} mine: interviews(userId: "user-1") {{ id }} '
        'ada: interviews(userId: "ada.y@example.org") { id } }'
    )
    async with gateway.client(GLOBEX) as other:
        data = (await other.post("/graphql", json={"query": query})).json()["data"]
    assert data == {"interview": None, "mine": [], "ada": []}


async def test_keys_are_listed_and_revoked_by_their_own_organization(gateway: GatewayBench) -> None:
    async with gateway.client(ACME) as owner, gateway.client(GLOBEX) as other:
        created = (await owner.post("/api/admin/api-keys", json={"name": "ours"})).json()
        assert (await other.get("/api/admin/api-keys")).json() == {"apiKeys": [], "nextCursor": None}
        assert (await other.delete(f"/api/admin/api-keys/{created['id']}")).status_code == 404
        assert (await owner.get("/api/admin/api-keys")).json()["apiKeys"][0]["revokedAt"] is None


async def test_a_key_reads_its_own_organization_only(gateway: GatewayBench) -> None:
    await finish(gateway)
    async with gateway.client(GLOBEX) as other:
        key = (await other.post("/api/admin/api-keys", json={"name": "theirs"})).json()["key"]
    async with gateway.caller({"apiKey": key}) as client:
        for path in READS:
            assert (await client.get(path)).status_code == 404


async def test_webhooks_are_asked_for_in_the_callers_organization(gateway: GatewayBench) -> None:
    gateway.asker.answer = WebhooksListed(endpoints=())
    async with gateway.client(GLOBEX) as other:
        await other.get("/api/webhooks")
    ((question, context),) = gateway.asker.asked
    assert isinstance(question, ListWebhooks)
    assert (question.organization_id, context.organization_id) == (GLOBEX, GLOBEX)
