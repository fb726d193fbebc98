"""Spans: what becomes whose child, what errors say, and what costs nothing while nothing is recorded."""

import asyncio

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanKind, StatusCode

from tests.support.databases import ACME, CONTEXT, NOON, SOURCE
from tests.support.facts import completed
from tests.support.spans import own, recorded
from vivavoce.chassis import tracing
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import NotFound
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.shared_commits import SharedCommits
from vivavoce.chassis.uow import UnitOfWork

STRANGER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
LED_BY = Context(ACME, "corr-1", traceparent=STRANGER)


def database() -> MemoryDatabase:
    return MemoryDatabase(source=SOURCE, clock=ManualClock(NOON))


async def emit(uow: UnitOfWork) -> None:
    uow.emit(completed())


async def carried(store: MemoryDatabase) -> list[str | None]:
    headers = [dict(row.headers) for row in await store.outbox.pending(10)]
    return [each["ce_traceparent"].decode() if "ce_traceparent" in each else None for each in headers]


async def test_a_fact_is_the_child_of_the_commit_that_it_left_with() -> None:
    store = database()
    with recorded() as kept, tracing.span("work"):
        await store.transact(CONTEXT, emit)
    commit = kept.one("commit")
    assert kept.path(commit) == ["work", "commit"]
    assert await carried(store) == [tracing.traceparent_of(NonRecordingSpan(own(commit)))]


async def test_without_a_span_a_fact_is_the_child_of_what_led_to_it() -> None:
    store = database()
    with recorded() as kept:
        await store.transact(LED_BY, emit)
    assert await carried(store) == [STRANGER]
    assert kept.spans == ()


async def test_works_that_share_a_commit_stay_in_their_own_traces() -> None:
    store = database()

    async def nothing(_: object, __: UnitOfWork) -> None:
        return

    commits = SharedCommits(store, nothing)

    async def one(name: str) -> None:
        with tracing.span(name):
            await commits.transact(name, CONTEXT, emit)

    with recorded() as kept:
        await asyncio.gather(one("first"), one("second"), one("third"))
    by_span = {f"{own(span).span_id:016x}": kept.path(span) for span in kept.named("commit")}
    told = [by_span[str(traceparent).split("-")[2]] for traceparent in await carried(store)]
    assert told == [["first", "commit"], ["second", "commit"], ["third", "commit"]]


def test_nothing_is_recorded_and_nothing_invented_while_there_is_nowhere_to_write_to() -> None:
    with tracing.span("work") as span, tracing.step("part"):
        assert tracing.here(LED_BY) is LED_BY
        assert tracing.here(CONTEXT) is CONTEXT
        assert tracing.exemplar() is None
        assert tracing.current_ids() is None
    assert not span.is_recording()


def test_a_step_is_a_part_of_something_or_nothing() -> None:
    with recorded() as kept:
        with tracing.step("alone"):
            pass
        with tracing.span("whole"), tracing.step("part"):
            pass
    assert [span.name for span in kept.spans] == ["part", "whole"]


def test_an_error_is_told_by_its_kind_and_never_in_its_words() -> None:
    with recorded() as kept:
        for error in (NotFound("ada@example.org is unknown"), ValueError("ada@example.org")):
            with pytest.raises(type(error)), tracing.span("work"):
                raise error
    assert [(span.attributes or {})["error.type"] for span in kept.spans] == ["not_found", "ValueError"]
    assert {span.status.status_code for span in kept.spans} == {StatusCode.ERROR}
    assert "ada@" not in "".join(span.to_json() for span in kept.spans)


def test_a_part_that_ended_in_another_process_is_placed_in_time() -> None:
    with recorded() as kept, tracing.span("whole"):
        tracing.past_span("hear", SpanKind.CLIENT, 1.5, {"n": 1}, ended_ns=10_000_000_000, failed=True)
    part = kept.one("hear")
    assert (part.start_time, part.end_time) == (8_500_000_000, 10_000_000_000)
    assert part.status.status_code is StatusCode.ERROR
    assert kept.path(part) == ["whole", "hear"]


@pytest.mark.parametrize(("ratio", "flags"), [(1.0, "01"), (0.0, "00")])
def test_whether_a_strangers_trace_is_recorded_is_our_decision(ratio: float, flags: str) -> None:
    for sent in ("00", "01", "ff"):
        with recorded(ratio):
            assert tracing.from_stranger(STRANGER[:-2] + sent) == STRANGER[:-2] + flags


def test_only_a_span_that_is_recorded_becomes_an_exemplar() -> None:
    with recorded(), tracing.span("work") as span:
        assert tracing.exemplar() == {"trace_id": f"{span.get_span_context().trace_id:032x}"}
    with recorded(ratio=0.0), tracing.span("work"):
        assert tracing.exemplar() is None


def test_a_traceparent_of_zeros_leads_nowhere() -> None:
    nobody = f"00-{'0' * 32}-{'0' * 16}-01"
    assert tracing.links_to(nobody) == ()
    with recorded() as kept, tracing.span("work", parent=nobody):
        pass
    assert kept.one("work").parent is None
