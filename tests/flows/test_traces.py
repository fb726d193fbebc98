"""One trace leads from a request to the webhooks about it, through every service and back to the caller."""

from collections import Counter
from collections.abc import Iterator

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from tests.support.gateway import submission, token
from tests.support.house import CORRELATION, House
from tests.support.spans import Kept, own, recorded
from vivavoce.contracts import FACTS, PipelineProgress

HOOK = "https://subscriber.example/a-path-that-is-a-secret"
STRANGER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SUBMIT = "POST /api/interview-record"


@pytest.fixture
def kept() -> Iterator[Kept]:
    with recorded() as spans:
        yield spans


async def submitted(house: House, traceparent: str) -> None:
    async with house.caller() as caller:
        headers = {CORRELATION: "hiring-2026", "traceparent": traceparent}
        response = await caller.post("/api/interview-record", json=submission(), headers=headers)
    assert response.status_code == 202


async def test_a_submission_and_all_that_it_leads_to_is_one_tree(house: House, kept: Kept) -> None:
    await house.hook(HOOK)
    await house.settle()
    before = len(kept.spans)
    await house.submit("one", "two")
    await house.settle()
    told = kept.spans[before:]
    root = kept.one(SUBMIT)
    assert {own(span).trace_id for span in told} == {own(root).trace_id}
    assert [span.name for span in told if span.parent is None] == [SUBMIT]
    assert kept.orphans() == []
    assert all(span.status.status_code is StatusCode.UNSET for span in told)


async def test_the_way_to_a_webhook_has_every_station(house: House, kept: Kept) -> None:
    await house.hook(HOOK)
    await house.submit("one")
    await house.settle()
    sent = [kept.path(span) for span in kept.named("POST webhook")]
    longest = max(sent, key=len)
    stations = [name for name in longest if not name.startswith(("handle", "commit"))]
    assert stations == [
        SUBMIT,
        *("send recording.requested", "process recording.requested", "fetch recording"),
        *("send recording.ingested", "process recording.ingested"),
        *("send media.features", "process media.features"),
        *("send integrity.reported", "process integrity.reported"),
        *("send interview.completed", "process interview.completed", "deliver webhook", "POST webhook"),
    ]


async def test_spans_have_the_kinds_that_their_names_promise(house: House, kept: Kept) -> None:
    await house.hook(HOOK)
    await house.submit("one")
    await house.settle()
    kinds = {"send": SpanKind.PRODUCER, "process": SpanKind.CONSUMER, "answer": SpanKind.SERVER}
    kinds |= {"ask": SpanKind.CLIENT, "GET recording": SpanKind.CLIENT, "POST webhook": SpanKind.CLIENT}
    kinds |= {SUBMIT: SpanKind.SERVER, "judge": SpanKind.CLIENT, "handle": SpanKind.INTERNAL}
    for word, kind in kinds.items():
        found = [span for span in kept.spans if span.name == word or span.name.startswith(f"{word} ")]
        assert found, word
        assert {span.kind for span in found} == {kind}, word


async def test_every_message_was_sent_once_and_processed_by_every_group(house: House, kept: Kept) -> None:
    await house.submit("one", "two")
    await house.settle()
    durable = [kind for kind in FACTS.values() if kind is not PipelineProgress]
    published = Counter(f"send {envelope.type}" for envelope in house.published(*durable))
    assert Counter(span.name for span in kept.spans if span.kind is SpanKind.PRODUCER) == published
    takers = {reader.name: reader.topics for reader in house.bus.readers}
    processed = Counter(
        (str((span.attributes or {})["messaging.consumer.group.name"]), span.name)
        for span in kept.spans
        if span.kind is SpanKind.CONSUMER
    )
    for name, count in published.items():
        topic = name.removeprefix("send ")
        for group in [group for group, topics in takers.items() if topic in topics]:
            assert processed[group, f"process {topic}"] == count


async def test_facts_carry_the_span_that_sent_them(house: House, kept: Kept) -> None:
    await house.submit("one")
    await house.settle()
    sent = {f"{own(span).span_id:016x}" for span in kept.spans if span.kind is SpanKind.PRODUCER}
    durable = [kind for kind in FACTS.values() if kind is not PipelineProgress]
    told = {str(envelope.traceparent).split("-")[2] for envelope in house.published(*durable)}
    assert told == sent


async def test_a_question_and_its_answer_belong_to_the_request(house: House, kept: Kept) -> None:
    await house.hook(HOOK)
    request = kept.one("POST /api/webhooks/register")
    asked = [span for span in kept.spans if span.name.startswith("ask ")]
    answered = [span for span in kept.spans if span.name.startswith("answer ")]
    assert len(asked) == len(answered) == 1
    assert kept.path(answered[0]) == [request.name, asked[0].name, answered[0].name]


async def test_a_callers_trace_goes_on(house: House, kept: Kept) -> None:
    await submitted(house, traceparent=STRANGER)
    await house.settle()
    assert {f"{own(span).trace_id:032x}" for span in kept.spans} == {STRANGER.split("-")[1]}
    root = kept.one(SUBMIT)
    assert root.parent is not None
    assert f"{root.parent.span_id:016x}" == STRANGER.split("-")[2]


async def test_a_caller_does_not_decide_what_is_recorded(house: House) -> None:
    with recorded(ratio=0.0) as kept:
        await submitted(house, traceparent=STRANGER)
        await house.settle()
    assert kept.spans == ()
    durable = [kind for kind in FACTS.values() if kind is not PipelineProgress]
    told = [str(envelope.traceparent) for envelope in house.published(*durable)]
    assert {one.split("-")[1] for one in told} == {STRANGER.split("-")[1]}
    assert {one.split("-")[3] for one in told} == {"00"}


async def test_without_recording_a_callers_trace_is_handed_on_as_it_is(house: House) -> None:
    await submitted(house, traceparent=STRANGER)
    await house.settle()
    durable = [kind for kind in FACTS.values() if kind is not PipelineProgress]
    assert {envelope.traceparent for envelope in house.published(*durable)} == {STRANGER}


async def test_subscribers_are_not_told_of_traces(house: House, kept: Kept) -> None:
    await house.hook(HOOK)
    await house.submit("one")
    await house.settle()
    assert house.sender.sent
    assert not [request for request in house.sender.sent if "traceparent" in request.headers]


async def test_a_recording_that_fails_is_red_where_it_failed(house: House, kept: Kept) -> None:
    await house.submit("breaks")
    await house.settle()
    failed = [span for span in kept.spans if span.status.status_code is StatusCode.ERROR]
    assert {span.name for span in failed} == {"analyse", "handle", "process recording.ingested"}
    assert {(span.attributes or {})["error.type"] for span in failed} == {"analysis_broke", "failed"}


async def test_spans_tell_no_addresses_and_no_words(house: House, kept: Kept) -> None:
    await house.hook(HOOK)
    await house.submit("one", "breaks")
    await house.settle()
    told = "\n".join(span.to_json() for span in kept.spans)
    secrets = (
        "media.example",
        "subscriber.example",
        "secret",
        "Ada",
        "example.org",
        "fell over",
        token()[:20],
    )
    for secret in secrets:
        assert secret not in told, secret
