"""What becomes of a message that can't be handled, until an operator has settled it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.support import facts
from tests.support.databases import NOON, until
from tests.support.delivery import SOON, Heard, envelope, of, parcel, running, service, settings, unique
from tests.support.embedded_kafka import running_kafka
from tests.support.kafka import Kafka
from tests.support.operators import KINDS, Operator, operator_of, poison, put
from vivavoce.chassis import consumer
from vivavoce.chassis.clock import ManualClock, SystemClock
from vivavoce.chassis.dead_letter_watch import DeadLetterWatch
from vivavoce.chassis.dead_letters import DISCARDED, REDRIVEN
from vivavoce.chassis.errors import ProviderFault
from vivavoce.chassis.reading import read_fact, read_headers
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, Received, on
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.cli.dead_letter_desk import all_settlements, sending
from vivavoce.contracts import RecordingRequested

pytestmark = pytest.mark.connected
TRIES = 2


class Worker:
    """A worker that can't handle the poison until it is mended; whatever else comes, it hears."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self.name, self.interview = unique("worker"), unique("interview")
        self.group = f"{self.name}.work"
        self.mended = False
        self.tries = 0
        self.heard = Heard()
        group = Group("work", (on(RecordingRequested, self._handle, within=SOON, tries=TRIES),))
        self.service: Service = service(self.name, groups=[group], bootstrap_servers=servers)

    async def _handle(self, received: Received[RecordingRequested], uow: UnitOfWork) -> None:
        if received.fact.interview_id != self.interview:
            return
        if received.envelope.id.endswith("/poison") and not self.mended:
            self.tries += 1
            raise ProviderFault("no such place")
        await self.heard(received, uow)

    def operator(self, journal: Path | None = None) -> Operator:
        """Who looks after what this worker gives up."""
        return operator_of(self._servers, self.interview, self.group, journal)

    def mend(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Deploy a build that understands what the poison meant."""
        self.mended = True

        def lenient(record: Record, known: Mapping[str, object]) -> Received[Any]:
            if "dlq_redrive_id" not in read_headers(record.headers):
                return read_fact(record, known)
            meant = of(self.interview, facts.requested())
            return Received(envelope(meant, f"{self.interview}/poison"), meant)

        monkeypatch.setattr(consumer, "read_fact", lenient)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_poison_is_put_aside_after_its_tries_and_handled_once_when_it_is_redriven(
    kafka: Kafka, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = kafka.bootstrap_servers
    worker = Worker(servers)
    operator = worker.operator()
    behind = parcel(of(worker.interview, facts.requested()), f"{worker.interview}/behind")
    async with running(worker.service):
        await put(servers, poison(kind, worker.interview), behind)
        await until(lambda: worker.heard.ids == [f"{worker.interview}/behind"])
        [letter] = await operator.letters_once(1)
        assert worker.tries in {0, TRIES, 1 + TRIES}  # perhaps once together with what came with it

        worker.mend(monkeypatch)
        for _ in range(2):  # as if the first one broke off before it was recorded
            steps = await operator.orders(REDRIVEN, [letter], "mended")
            assert [step.problem for step in steps] == [None]
        await put(servers, parcel(of(worker.interview, facts.requested()), f"{worker.interview}/last"))
        await until(lambda: f"{worker.interview}/last" in worker.heard.ids)

    heard = [event_id.rpartition("/")[2] for event_id in worker.heard.ids]
    assert heard == ["behind", "poison", "last"]
    assert await operator.letters() == []


async def test_a_letter_that_fails_again_is_a_new_one_and_a_discarded_one_is_closed(
    kafka: Kafka,
) -> None:
    servers = kafka.bootstrap_servers
    worker = Worker(servers)
    operator = worker.operator()
    async with running(worker.service):
        await put(servers, poison("always_failing", worker.interview))
        first = await operator.letters_once(1)
        await operator.orders(REDRIVEN, first, "perhaps now")
        await until(lambda: worker.tries == 2 * TRIES)
        second = await operator.letters_once(1)
        await operator.orders(DISCARDED, second, "hopeless")

    assert await operator.letters() == []
    every = await operator.letters(all_states=True)
    assert [letter.history.state for letter in every] == [REDRIVEN, DISCARDED]
    assert {letter.described().first_failed_at for letter in every} == {first[0].described().first_failed_at}
    ids = {letter.id for letter in (*first, *second)}
    audit = [done for done in await all_settlements(operator.place) if done.letter_id in ids]
    assert [(done.action, done.reason, done.event_id) for done in audit] == [
        (REDRIVEN, "perhaps now", f"{worker.interview}/poison"),
        (DISCARDED, "hopeless", f"{worker.interview}/poison"),
    ]


async def test_a_letter_that_was_put_aside_for_its_size_keeps_its_value_where_it_came_from(
    kafka: Kafka,
) -> None:
    servers = kafka.bootstrap_servers
    worker = Worker(servers)
    operator = worker.operator()
    sent = poison("too_large", worker.interview)
    async with running(worker.service):
        await put(servers, sent)
        [letter] = await operator.letters_once(1)
        [refused] = await worker.service.database.outbox.refused(10)

    told = letter.described()
    assert (told.complete, told.bytes, letter.record.value) == (False, len(sent.value or b""), None)
    assert refused.row.value == sent.value


async def test_a_letter_without_a_group_is_never_sent_to_all_groups(kafka: Kafka) -> None:
    servers, key = kafka.bootstrap_servers, unique("key").encode()
    stray = replace(poison("not_json", "i"), topic="recording.requested.dlq", key=key)
    await put(servers, stray)
    operator = operator_of(servers, key.decode())
    letters = await operator.letters()

    [step] = await operator.orders(REDRIVEN, letters)

    assert step.problem == "it names no group, so every group would handle it"
    assert await operator.letters() == letters


async def test_what_was_settled_stays_settled_on_a_broker_that_forgot_everything(tmp_path: Path) -> None:
    with running_kafka() as kafka:
        servers = kafka.bootstrap_servers
        worker = Worker(servers)
        operator = worker.operator(tmp_path / "audit.jsonl")
        async with running(worker.service):
            await put(servers, poison("always_failing", worker.interview))
            letters = await operator.letters_once(1)
            await operator.orders(DISCARDED, letters, "known")
            await asyncio.to_thread(kafka.kill)
            await asyncio.to_thread(kafka.start_with_topics)

            async def back() -> bool:
                return len(await operator.letters(all_states=True)) == 1

            await until(back)
            [again] = await operator.letters(all_states=True)

        assert (again.id, again.history.state) == (letters[0].id, DISCARDED)
        assert await operator.letters() == []
        told_elsewhere = await all_settlements(worker.operator().place)
        assert [done.reason for done in told_elsewhere] == ["known"]


async def test_a_gauge_shows_how_many_letters_wait() -> None:
    with running_kafka() as kafka:
        servers = kafka.bootstrap_servers
        worker, topic = Worker(servers), "recording.requested"
        watch = DeadLetterWatch(settings(kafka_bootstrap_servers=servers), SystemClock())
        assert (await watch.look())[topic] == 0
        async with running(worker.service):
            await put(
                servers, *[poison(kind, worker.interview) for kind in ("no_envelope", "always_failing")]
            )
            letters = await worker.operator().letters_once(2)

        assert (await watch.look())[topic] == 2
        await worker.operator().orders(DISCARDED, letters[:1])
        assert (await watch.look())[topic] == 1
        assert REGISTRY.get_sample_value("viva_dead_letters_open", {"topic": topic}) == 1
        far = ManualClock(NOON.replace(year=2099))
        assert (await DeadLetterWatch(settings(kafka_bootstrap_servers=servers), far).look())[topic] == 0


async def test_an_audit_record_that_cannot_be_read_hides_no_other(kafka: Kafka) -> None:
    operator = operator_of(kafka.bootstrap_servers, "none")
    known = await all_settlements(operator.place)
    async with sending(operator.place) as wire:
        await wire.send(Parcel("dlq.audit", None, b"scribble"))
    assert await all_settlements(operator.place) == known
