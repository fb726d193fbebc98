"""Subscriptions with the published clients: graphql-ws over a WebSocket, graphql-sse over events."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import until
from tests.support.gateway import ACME, GLOBEX, GatewayBench, token
from tests.support.interview_facts import AnswerFacts
from tests.support.node import Program, running
from tests.support.serving import Served
from vivavoce.contracts import Stage

ANSWER = AnswerFacts()
FOLDER = Path(__file__).parent
WAYS = ("ws", "sse")
PROGRESS = {
    "query": "subscription($id: ID!) { interviewProgress(interviewId: $id) { questionId stage share } }",
    "variables": {"id": ANSWER.interview_id},
}
COMPLETED = {
    "query": "subscription($id: ID) { interviewCompleted(interviewId: $id) "
    "{ id status overallScore answers { questionId } } }",
    "variables": {"id": ANSWER.interview_id},
}
ANY_COMPLETED = {"query": "subscription { interviewCompleted { id status } }"}


class Clients:
    """Starts one of the published clients on the served gateway."""

    def __init__(self, server: Served, modules: Path, folder: Path) -> None:
        self._server, self._modules, self._folder = server, modules, folder

    def follow(
        self, way: str, payload: dict[str, Any], credential: str | None = None
    ) -> AbstractAsyncContextManager[Program]:
        """Follow with the client for a way."""
        url = f"{self._server.base_url}/graphql"
        url = url.replace("http", "ws", 1) if way == "ws" else url
        given = {"Authorization": f"Bearer {credential or token()}"}
        return running(FOLDER / f"follow_{way}.mjs", self._modules, self._folder, [url, given, payload])


@pytest.fixture
def clients(server: Served, modules: Path, tmp_path: Path) -> Clients:
    return Clients(server, modules, tmp_path)


async def following(gateway: GatewayBench) -> None:
    """Return when somebody follows ends."""
    await until(lambda: gateway.parts.following.completions.followers > 0)


@pytest.mark.parametrize("way", WAYS)
async def test_progress_comes_until_the_interview_has_ended(
    way: str, clients: Clients, gateway: GatewayBench
) -> None:
    await gateway.submit()
    async with clients.follow(way, PROGRESS) as program:
        await following(gateway)
        await gateway.broadcast(ANSWER.progress(Stage.ANALYSING, 0.25))
        first = await program.until("next")
        await gateway.broadcast(ANSWER.progress(Stage.ANALYSING, 0.75))
        await gateway.tell(ANSWER.completed())
        await gateway.broadcast(ANSWER.completed())
        await program.until("complete")
    told = [said["result"]["data"]["interviewProgress"] for said in program.seen if said["kind"] == "next"]
    assert first["result"]["data"]["interviewProgress"] == told[0]
    assert told == [
        {"questionId": "q1", "stage": "ANALYSING", "share": 0.25},
        {"questionId": "q1", "stage": "ANALYSING", "share": 0.75},
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_who_comes_later_hears_how_far_it_is(way: str, clients: Clients, gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.broadcast(ANSWER.progress(Stage.ANALYSING, 0.5))
    async with clients.follow(way, PROGRESS) as program:
        told = await program.until("next")
    assert told["result"]["data"]["interviewProgress"]["share"] == 0.5


@pytest.mark.parametrize("way", WAYS)
async def test_an_end_is_told_once_it_can_be_read(way: str, clients: Clients, gateway: GatewayBench) -> None:
    await gateway.submit()
    async with clients.follow(way, COMPLETED) as program:
        await following(gateway)
        await gateway.broadcast(ANSWER.completed())
        await gateway.broadcast(ANSWER.completed())
        await gateway.tell(ANSWER.scored(), ANSWER.completed())
        await program.until("complete")
    told = [said["result"]["data"]["interviewCompleted"] for said in program.seen if said["kind"] == "next"]
    answers = [{"questionId": "q1"}]
    ended = {"id": ANSWER.interview_id, "status": "completed", "overallScore": 78.5, "answers": answers}
    assert told == [ended]


@pytest.mark.parametrize("way", WAYS)
async def test_who_comes_after_the_end_is_told_at_once(
    way: str, clients: Clients, gateway: GatewayBench
) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    async with clients.follow(way, COMPLETED) as program:
        await program.until("complete")
    assert [said["kind"] for said in program.seen].count("next") == 1


@pytest.mark.parametrize("way", WAYS)
async def test_without_an_id_each_end_of_the_organization_is_told_once(
    way: str, clients: Clients, gateway: GatewayBench
) -> None:
    other = AnswerFacts(request_id="req-2")
    foreign = AnswerFacts(organization=GLOBEX)
    await gateway.submit()
    await gateway.submit(request_id="req-2")
    await gateway.submit(GLOBEX)
    async with clients.follow(way, ANY_COMPLETED) as program:
        await following(gateway)
        for answer in (foreign, ANSWER, ANSWER, other):
            organization = answer.organization
            await gateway.tell(answer.completed(), organization=organization)
            await gateway.broadcast(answer.completed(), organization=organization)
            await until_told(gateway, answer)
        told = [await program.until("next") for _ in range(2)]
    ids = [said["result"]["data"]["interviewCompleted"]["id"] for said in told]
    assert ids == [ANSWER.interview_id, other.interview_id]


async def until_told(gateway: GatewayBench, answer: AnswerFacts) -> None:
    """Let the ends come in the order in which they happened."""
    completions = gateway.parts.following.completions
    await until(lambda: answer.organization != ACME or completions.has_told(answer.interview_id))


@pytest.mark.parametrize("way", WAYS)
async def test_another_organizations_interview_is_as_if_it_did_not_exist(
    way: str, clients: Clients, gateway: GatewayBench
) -> None:
    await gateway.submit(GLOBEX)
    foreign = AnswerFacts(organization=GLOBEX).interview_id
    async with clients.follow(way, {**PROGRESS, "variables": {"id": foreign}}) as program:
        told = await program.until("error" if way == "ws" else "next")
    errors = told["errors"] if way == "ws" else told["result"]["errors"]
    assert errors[0]["extensions"]["code"] == "not_found"


@pytest.mark.parametrize("way", WAYS)
async def test_credentials_that_do_not_hold_are_refused(way: str, clients: Clients) -> None:
    async with clients.follow(way, PROGRESS, credential="nonsense") as program:
        told = await program.until("error")
    assert told.get("code", told.get("status")) == (4403 if way == "ws" else 401)


async def test_a_key_that_is_revoked_ends_the_websocket(clients: Clients, gateway: GatewayBench) -> None:
    await gateway.submit()
    async with clients.follow("ws", PROGRESS, credential=await fresh_key(gateway)) as program:
        await following(gateway)
        await revoke(gateway)
        closed = await program.until("closed")
    assert (closed["code"], closed["reason"]) == (4403, "The API key has been revoked.")


async def test_a_key_that_is_revoked_ends_the_event_stream(clients: Clients, gateway: GatewayBench) -> None:
    await gateway.submit()
    async with clients.follow("sse", PROGRESS, credential=await fresh_key(gateway)) as program:
        await following(gateway)
        await revoke(gateway)
        told = await program.until("next")
        await program.until("complete")
    assert told["result"]["errors"][0]["extensions"]["code"] == "key_revoked"


async def fresh_key(gateway: GatewayBench) -> str:
    """An API key that `revoke` ends."""
    async with gateway.client() as client:
        response = await client.post("/api/admin/api-keys", json={"name": "short"})
    key: str = response.json()["key"]
    return key


async def revoke(gateway: GatewayBench) -> None:
    """End the organization's only key."""
    async with gateway.client() as client:
        (key,) = (await client.get("/api/admin/api-keys")).json()["apiKeys"]
        assert (await client.delete(f"/api/admin/api-keys/{key['id']}")).is_success
    await gateway.hear_of_access()


@pytest.mark.parametrize("way", WAYS)
async def test_a_gateway_that_stops_ends_its_streams(
    way: str, clients: Clients, gateway: GatewayBench, server: Served
) -> None:
    await gateway.submit()
    async with clients.follow(way, PROGRESS) as program:
        await following(gateway)
        await server.stop()
        if way == "ws":
            assert (await program.until("closed"))["code"] == 1001
    assert not [said for said in program.seen if said["kind"] == "error"]
    assert len(gateway.parts.streams) == 0
