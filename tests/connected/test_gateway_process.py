"""The gateway as a process: what it accepts survives it, and what it hears it shows."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.support.databases import until
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.gateway import LOCAL, submission
from tests.support.gateway_process import GatewayProcess, running_gateway
from tests.support.interview_facts import SAID, AnswerFacts, put_transcript
from tests.support.kafka import Kafka
from tests.support.sse import events_of
from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.store import make_store
from vivavoce.chassis.wire import Record
from vivavoce.contracts import Envelope, Fact, Stage
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected

WAIT_SECONDS = 40.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def process(folder: Path, embedded_mongo: EmbeddedMongo, kafka: Kafka) -> Iterator[GatewayProcess]:
    with running_gateway(folder, embedded_mongo, kafka, f"gateway_{new_id()[:8]}") as running:
        yield running


@asynccontextmanager
async def broker(kafka: Kafka) -> AsyncIterator[KafkaWire]:
    """The other services' way to the broker."""
    wire = KafkaWire(ServiceSettings(kafka_bootstrap_servers=kafka.bootstrap_servers, service_name="others"))
    try:
        yield wire
    finally:
        await wire.stop()


async def tell(wire: KafkaWire, *facts: Fact) -> None:
    for fact in facts:
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


async def result_of(client: httpx.AsyncClient, answer: AnswerFacts) -> httpx.Response:
    """The answer's result, as soon as it is there."""
    path = f"/api/job-result/by-job/{answer.answer_id}"

    async def found() -> bool:
        return (await client.get(path)).status_code != httpx.codes.NOT_FOUND

    await until(found)
    return await client.get(path)


def caller(process: GatewayProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=process.base_url, timeout=WAIT_SECONDS, trust_env=False)


async def test_an_interview_goes_through_the_gateway(
    process: GatewayProcess, kafka: Kafka, folder: Path
) -> None:
    answer = AnswerFacts(organization=LOCAL, request_id="through")
    announced: asyncio.Queue[Record] = asyncio.Queue()
    store = make_store((folder / "store").as_uri())
    async with broker(kafka) as wire, caller(process) as client:
        async with wire.listen("interview.submitted", announced.put):
            accepted = await client.post("/api/interview-record", json=submission("through"))
            assert accepted.status_code == 202
            record = await asyncio.wait_for(announced.get(), WAIT_SECONDS)
        assert dict(record.headers)["ce_correlationid"].decode() == accepted.headers["x-correlation-id"]
        path = f"/api/interview-record/{answer.interview_id}/events"
        async with client.stream("GET", path) as stream:
            await tell(wire, answer.progress(Stage.ANALYSING, 0.5))
            await tell(
                wire, answer.features(await put_transcript(store)), answer.proctored(), answer.scored()
            )
            await tell(wire, answer.completed())
            text = (await stream.aread()).decode()
        result = await result_of(client, answer)
    stored = [event for event in events_of(text) if "id" in event]
    assert stored[0]["event"] == "interview.submitted"
    assert "interview.completed" in [event["event"] for event in stored]
    assert [event["id"] for event in stored] == [str(n) for n in range(1, len(stored) + 1)]
    assert result.json()["result"]["transcription"]["text"] == SAID


async def test_what_was_accepted_survives_a_kill(process: GatewayProcess, kafka: Kafka) -> None:
    answer = AnswerFacts(organization=LOCAL, request_id="killed")
    async with caller(process) as client:
        accepted = await client.post("/api/interview-record", json=submission("killed"))
    process.kill()
    async with broker(kafka) as wire:
        await tell(wire, answer.features(), answer.proctored(), answer.scored())
        process.start()
        async with caller(process) as client:
            again = await client.post("/api/interview-record", json=submission("killed"))
            result = await result_of(client, answer)
    assert (again.status_code, again.json()) == (200, accepted.json())
    assert result.json()["status"] == "success"


async def test_health_tells_of_everything_that_is_connected(process: GatewayProcess) -> None:
    async with caller(process) as client:
        body = (await client.get("/health")).json()
    assert (body["status"], body["services"]["mongo"], body["services"]["kafka"]) == (
        "ok",
        "connected",
        "connected",
    )


async def test_no_address_and_no_name_gets_into_the_log(process: GatewayProcess) -> None:
    async with caller(process) as client:
        await client.post("/api/interview-record", json=submission("logged"))
    assert "sig=secret" not in process.log()
    assert "Yılmaz" not in process.log()


async def test_it_ends_in_order_although_a_stream_is_open(process: GatewayProcess) -> None:
    answer = AnswerFacts(organization=LOCAL, request_id="open")
    async with caller(process) as client:
        await client.post("/api/interview-record", json=submission("open"))
        path = f"/api/interview-record/{answer.interview_id}/events"
        async with client.stream("GET", path) as stream:
            assert stream.status_code == 200
            code = await asyncio.to_thread(process.terminate)
    assert code == 0
    ending = process.log().rpartition("service_stopping")[2]
    assert "service_stopped" in ending
    assert "Traceback" not in ending


async def test_told_to_stop_while_its_database_is_away_it_just_ends(tmp_path: Path, kafka: Kafka) -> None:
    nowhere = EmbeddedMongo(tmp_path)
    waiting = GatewayProcess(tmp_path, nowhere, kafka, "never")
    try:
        waiting.launch()
        await asyncio.to_thread(waiting.wait_for_log, '"waits_for": "database"')
        assert await asyncio.to_thread(waiting.terminate) == 0
    finally:
        waiting.kill()
