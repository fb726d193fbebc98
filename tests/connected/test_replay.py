"""The read model is built anew from the topics, while whoever reads it goes on."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.delivery import envelope as envelope_of
from tests.support.delivery import settings
from tests.support.gateway import GatewayBench
from tests.support.interview_facts import AnswerFacts, put_transcript
from tests.support.kafka import Kafka
from tests.support.operators import foreign_producer
from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.consumer import consume
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.stored import stored_form
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.contracts import Envelope, Fact
from vivavoce.gateway.app import assemble_replay
from vivavoce.gateway.replay import ReplayReport, records_between

pytestmark = pytest.mark.connected
LONG_AGO = timedelta(hours=1)


@dataclass
class Scene:
    """A gateway and the facts of one interview, which lie on the broker's topics too."""

    gateway: GatewayBench
    answer: AnswerFacts
    servers: str

    async def hear(self, *told: Fact, event_ids: str = "") -> None:
        """Put facts on their topics, and have the live gateway handle them."""
        async with foreign_producer(self.servers) as producer:
            for number, fact in enumerate(told):
                sent = self.parcel(fact, f"{self.answer.request_id}/{event_ids or fact.type}/{number}")
                placed = await producer.send_and_wait(
                    sent.topic, sent.value, sent.key, headers=list(sent.headers)
                )
                place = (sent.topic, placed.partition, placed.offset)
                record = Record(*place, sent.key, sent.value, tuple(sent.headers))
                await consume(record, self.gateway.consumer)
                await self.gateway.clock.advance(timedelta(seconds=1))

    def parcel(self, fact: Fact, event_id: str) -> Parcel:
        """A fact as its service sends it, at the gateway's time."""
        told = envelope_of(fact, event_id).model_copy(
            update={"organization_id": self.answer.organization, "time": self.gateway.clock.now()}
        )
        return to_parcel(fact, Envelope.model_validate(told.model_dump()))

    async def everything(self) -> list[Any]:
        """Every document of the interview, as it is stored."""
        interviews, organization = self.gateway.parts.interviews, self.answer.organization
        interview = await interviews.interviews.get(organization, self.answer.interview_id)
        answers = await interviews.answers_of(organization, [self.answer.interview_id])
        happenings = await interviews.happenings_after(organization, self.answer.interview_id, 0)
        return [stored_form(document) for document in (interview, *answers, *happenings) if document]

    async def replay(self, since: datetime | None = None, *, dry_run: bool = False) -> ReplayReport:
        """Replay the facts of this interview, and what is no fact."""
        bench = self.gateway
        run = assemble_replay(bench.settings, bench.database, bench.store, bench.clock, dry_run=dry_run)
        begin = since or datetime.now(UTC) - LONG_AGO
        options = settings(kafka_bootstrap_servers=self.servers)
        return await run.run(self._own(records_between(options, sorted(run.rows), begin, None)))

    async def _own(self, records: AsyncIterator[Record]) -> AsyncIterator[Record]:
        """Other tests speak over the same broker."""
        async for record in records:
            if self.answer.interview_id.encode() in (record.value or b""):
                yield record

    async def lose_what_facts_told(self) -> None:
        """Take all parts that facts told out of the documents; a few are damaged instead."""
        interviews, organization = self.gateway.parts.interviews, self.answer.organization

        async def lose(uow: UnitOfWork) -> None:
            interview = await interviews.interviews.get(organization, self.answer.interview_id, uow)
            (answer,) = await interviews.answers_of(organization, [self.answer.interview_id], uow)
            assert interview is not None
            assert answer.score is not None
            lost = {"completion": None, "integrity_band": None, "acknowledged": False}
            await interviews.interviews.save(interview.model_copy(update=lost), uow)
            damaged = answer.score.model_copy(update={"overall": 1.0})
            gone = {"features": None, "text": None, "integrity": None, "score": damaged}
            await interviews.answers.save(answer.model_copy(update=gone), uow)

        await self.gateway.database.transact(Context(organization, "c"), lose)


@pytest.fixture
async def scene(kafka: Kafka, tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    """An interview that was submitted a moment ago."""
    answer = AnswerFacts(request_id=f"replay-{request.node.name}")
    gateway = GatewayBench(tmp_path)
    await gateway.submit(request_id=answer.request_id)
    return Scene(gateway, answer, kafka.bootstrap_servers)


async def told(scene: Scene) -> tuple[Fact, ...]:
    answer = scene.answer
    features = answer.features(await put_transcript(scene.gateway.store))
    return (features, answer.proctored(), answer.reported(), answer.scored(), answer.completed())


async def test_an_undamaged_read_model_stays_as_it_is_to_the_byte(scene: Scene) -> None:
    await scene.hear(*await told(scene))
    before = await scene.everything()

    report = await scene.replay()

    assert (report.read, report.unchanged) == (5, 5)
    assert await scene.everything() == before


async def test_what_was_lost_or_damaged_comes_back(scene: Scene) -> None:
    await scene.hear(*await told(scene))
    before = await scene.everything()
    await scene.lose_what_facts_told()
    assert await scene.everything() != before

    report = await scene.replay()

    assert (report.read, report.applied) == (5, 5)
    assert await scene.everything() == before


async def test_a_dry_run_says_what_a_run_would_do_and_does_nothing(scene: Scene) -> None:
    await scene.hear(*await told(scene))
    await scene.lose_what_facts_told()
    before = await scene.everything()

    report = await scene.replay(dry_run=True)

    assert (report.applied, report.dry_run) == (5, True)
    assert await scene.everything() == before


async def test_facts_from_before_the_time_are_not_read(scene: Scene) -> None:
    await scene.hear(*(await told(scene))[:3])
    border = datetime.now(UTC)
    await scene.hear(*(await told(scene))[3:])

    report = await scene.replay(border)

    assert report.read == 2


async def test_an_older_fact_alone_brings_nothing_back_to_an_earlier_state(scene: Scene) -> None:
    older, newer = scene.answer.features(duration=10.0), scene.answer.features(duration=20.0)
    await scene.hear(older, newer)
    before = await scene.everything()
    lost = await scene.replay()

    assert (lost.read, lost.unchanged) == (2, 2)
    assert await scene.everything() == before


async def test_a_text_that_was_read_before_outlives_its_object(scene: Scene) -> None:
    claim = await put_transcript(scene.gateway.store)
    await scene.hear(scene.answer.features(claim))
    before = await scene.everything()
    await scene.gateway.store.put(claim.key, b"x" * claim.size, claim.media_type)

    report = await scene.replay()

    assert report.unchanged == 1
    assert await scene.everything() == before


async def test_what_cannot_be_applied_is_counted_and_leaves_no_dead_letter(scene: Scene) -> None:
    fact = scene.answer.scored()
    good = scene.parcel(fact, "known")
    stranger = scene.answer.scored(interview_id=scene.answer.interview_id, answer_id="nobody")
    async with foreign_producer(scene.servers) as producer:
        for value, headers in (
            (json.dumps({"interview_id": scene.answer.interview_id}).encode(), good.headers),
            (good.value, (*good.headers, ("dlq_group", b"media.ingest"))),
            (scene.parcel(stranger, "x").value, scene.parcel(stranger, "stranger").headers),
            (good.value, good.headers),
            (good.value, good.headers),
        ):
            await producer.send_and_wait(good.topic, value, good.key, headers=list(headers))

    report = await scene.replay()

    assert (report.read, report.undecodable, report.ignored, report.unknown) == (5, 1, 1, 1)
    assert (report.applied, report.repeated) == (1, 1)
    assert await scene.gateway.dead_letters() == []


async def test_a_lost_happening_comes_back_behind_the_others(scene: Scene) -> None:
    await scene.hear(*await told(scene))
    interviews, organization = scene.gateway.parts.interviews, scene.answer.organization
    happened = await interviews.happenings_after(organization, scene.answer.interview_id, 0)

    async def lose(uow: UnitOfWork) -> None:
        await interviews.happenings.delete(organization, happened[1].id, uow)

    await scene.gateway.database.transact(Context(organization, "c"), lose)
    await scene.replay()

    again = await interviews.happenings_after(organization, scene.answer.interview_id, 0)
    assert [one.type for one in again] == [one.type for one in (happened[0], *happened[2:], happened[1])]
    assert [one.data for one in again[-1:]] == [happened[1].data]
