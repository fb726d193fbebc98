"""Two gateways over one database and one broker: who follows at one hears what the other consumes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from tests.support.databases import until
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.gateway import LOCAL, submission
from tests.support.gateway_process import GatewayProcess, running_gateway
from tests.support.interview_facts import AnswerFacts
from tests.support.kafka import Kafka
from tests.support.sse import events_of
from tests.support.streams import Line, line
from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.contracts import Envelope, Fact, Stage
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected

PROGRESS = "subscription($id: ID!) { interviewProgress(interviewId: $id) { stage share } }"
COMPLETED = "subscription($id: ID!) { interviewCompleted(interviewId: $id) { id status overallScore } }"
ANY_COMPLETED = "subscription { interviewCompleted { id } }"


@pytest.fixture(scope="module")
def gateways(
    tmp_path_factory: pytest.TempPathFactory, embedded_mongo: EmbeddedMongo, kafka: Kafka
) -> Iterator[tuple[GatewayProcess, GatewayProcess]]:
    database = f"gateway_{new_id()[:8]}"
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    with (
        running_gateway(one, embedded_mongo, kafka, database) as first,
        running_gateway(other, embedded_mongo, kafka, database) as second,
    ):
        yield first, second


@asynccontextmanager
async def wire(kafka: Kafka) -> AsyncIterator[KafkaWire]:
    """The other services' way to the broker."""
    wire = KafkaWire(ServiceSettings(kafka_bootstrap_servers=kafka.bootstrap_servers, service_name="others"))
    try:
        yield wire
    finally:
        await wire.stop()


async def tell(wire: KafkaWire, fact: Fact) -> None:
    envelope = Envelope(
        id=new_id(),
        type=fact.type,
        source="/vivavoce/others",
        time=datetime.now(UTC),
        subject=fact.key,
        organization_id=LOCAL,
        correlation_id="corr-others",
    )
    await wire.send(to_parcel(fact, envelope))


async def submit(gateway: GatewayProcess, request_id: str) -> AnswerFacts:
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False, timeout=30) as client:
        accepted = await client.post("/api/interview-record", json=submission(request_id))
    assert accepted.status_code == 202
    return AnswerFacts(organization=LOCAL, request_id=request_id)


async def data_of(talk: Line, field: str) -> object:
    said = await talk.hear()
    assert said["type"] == "next", said
    return said["payload"]["data"][field]


async def test_who_follows_at_either_hears_progress_and_the_end_once(
    gateways: tuple[GatewayProcess, GatewayProcess], kafka: Kafka
) -> None:
    answer = await submit(gateways[0], "followed")
    async with AsyncExitStack() as stack:
        others = await stack.enter_async_context(wire(kafka))
        lines = [await stack.enter_async_context(line(each.base_url)) for each in gateways]
        for talk in lines:
            await talk.begin()
            await talk.subscribe(PROGRESS, "progress", variables={"id": answer.interview_id})
        heard = [asyncio.create_task(data_of(talk, "interviewProgress")) for talk in lines]

        async def told() -> bool:
            await tell(others, answer.progress(Stage.ANALYSING, 0.5))
            return all(each.done() for each in heard)

        await until(told)
        assert [await each for each in heard] == [{"stage": "ANALYSING", "share": 0.5}] * 2
        for talk in lines:
            await talk.say("complete", id="progress")
            await talk.subscribe(COMPLETED, "end", variables={"id": answer.interview_id})
            await talk.subscribe(ANY_COMPLETED, "any")
            await talk.subscribe("{ __typename }", "ready")
            await said_of(talk, "ready", 2)
        await tell(others, answer.scored())
        await tell(others, answer.completed())
        for talk in lines:
            ends = await said_of(talk, "", 3)
            kinds = sorted((each["id"], each["type"]) for each in ends)
            assert kinds == [("any", "next"), ("end", "complete"), ("end", "next")]


async def test_the_event_streams_of_both_tell_all_that_either_stores(
    gateways: tuple[GatewayProcess, GatewayProcess], kafka: Kafka
) -> None:
    answer = await submit(gateways[0], "streamed")
    facts = (answer.features(), answer.proctored(), answer.scored(), answer.reported(), answer.completed())

    async def told(gateway: GatewayProcess) -> list[str]:
        path = f"/api/interview-record/{answer.interview_id}/events"
        async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False, timeout=30) as client:
            text = (await client.get(path)).text
        return [event["event"] for event in events_of(text) if "id" in event]

    async with wire(kafka) as others:
        reads = [asyncio.create_task(told(each)) for each in gateways]
        for fact in facts:
            await asyncio.sleep(0.5)
            await tell(others, fact)
        for read in reads:
            assert sorted(await read) == sorted(["interview.submitted", *(fact.type for fact in facts)])


async def said_of(talk: Line, operation: str, number: int) -> list[dict[str, object]]:
    """The next messages of an operation, or of those that follow the end; late progress is passed over."""
    found: list[dict[str, object]] = []
    while len(found) < number:
        said = await talk.hear()
        if said["id"] == operation or (not operation and said["id"] in {"end", "any"}):
            found.append(said)
    return found


async def test_told_to_stop_it_ends_its_streams_and_itself(
    gateways: tuple[GatewayProcess, GatewayProcess],
) -> None:
    answer = await submit(gateways[1], "open")
    async with line(gateways[0].base_url) as talk:
        await talk.begin()
        await talk.subscribe(PROGRESS, variables={"id": answer.interview_id})
        code = await asyncio.to_thread(gateways[0].terminate)
        closed, _ = await talk.closed()
    assert (code, closed) == (0, 1001)
    ending = gateways[0].log().rpartition("service_stopping")[2]
    assert "service_stopped" in ending
    assert "Traceback" not in ending
