"""What travels between the services is readable by anyone's CloudEvents library, and tells no secrets."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from standardwebhooks.webhooks import WebhookVerificationError

from tests.support.live import Asked, LiveStack, pipelines_of
from tests.support.messages import Message, read_messages
from tests.support.recordings_site import RecordingsSite
from tests.support.subscriber import EVENTS, Subscriber, subscribed
from vivavoce.contracts import FACTS, REQUESTS, RecordingRequested, all_topics
from vivavoce.contracts.topics import REPLY_TOPIC
from vivavoce.contracts.webhooks import NOTIFIER_REQUESTS

pytestmark = pytest.mark.timeout(900)
SIGNATURE = "a-signature-that-opens-the-recording"
NOT_TOLD_HERE = ("job.", "webhook.")
OF_NO_INTERVIEW = ("access.", "audit.", "service.")
SECRET = "a-secret-that-a-subscriber-chose"
REFUSALS = (500, 503, 302, 404)


@dataclass(frozen=True)
class Wire:
    """Everything on every topic, after an interview of which two subscribers were told.

    `steady` takes everything at once, `failing` refuses the first tries.
    """

    interview_id: str
    pipelines: dict[str, str]
    messages: tuple[Message, ...]
    secrets: dict[str, bytes]
    steady: Subscriber
    failing: Subscriber

    def on(self, *topics: str) -> list[Message]:
        return [message for message in self.messages if message.topic in topics]

    def own(self, *topics: str) -> list[Message]:
        found = [(message, json.loads(message.value)) for message in self.on(*topics)]
        return [message for message, data in found if data.get("interview_id") == self.interview_id]


@pytest.fixture(scope="module")
async def wire(stack: LiveStack, recordings: RecordingsSite) -> AsyncIterator[Wire]:
    async with subscribed(stack, secret=SECRET) as steady, subscribed(stack, refusals=REFUSALS) as failing:
        speech = f"{recordings.file('sound-only.m4a')}?signature={SIGNATURE}"
        answered = await stack.submit(Asked("q1", speech), Asked("q2", recordings.page("status-to-404")))
        interview_id, pipelines = answered["interviewRecordId"], pipelines_of(answered)
        await stack.ended(interview_id, within=240)
        key = await key_that_was_revoked(stack)
        for subscriber in (steady, failing):
            await subscriber.told_of(interview_id, facts=len(pipelines) + 1, within=90)
        messages = await read_messages(stack.home, [topic.name for topic in all_topics()])
        secrets = {**secrets_of(stack, steady.secret, failing.secret), "API key": key.encode()}
        yield Wire(interview_id, pipelines, tuple(messages), secrets, steady, failing)


async def key_that_was_revoked(stack: LiveStack) -> str:
    """An API key, which its revocation tells of on the wire."""
    made = (await stack.client.post(f"{stack.base_url}/api/admin/api-keys", json={"name": "wire"})).json()
    (await stack.client.delete(f"{stack.base_url}/api/admin/api-keys/{made['id']}")).raise_for_status()
    return str(made["key"])


def secrets_of(stack: LiveStack, chosen: str, made: str) -> dict[str, bytes]:
    """What nobody may read, by what it is."""
    keys = stack.home / "keys"
    issuer = (keys / "issuer.pem").read_text().splitlines()
    return {
        "chosen secret": SECRET.encode(),
        "chosen secret in base64": base64.b64encode(SECRET.encode()),
        "chosen secret as it was shown": chosen.removeprefix("whsec_").encode(),
        "secret that was made": made.removeprefix("whsec_").encode(),
        "secret that was made, as bytes": base64.b64decode(made.removeprefix("whsec_")),
        "notifier's key": (keys / "notifier.key").read_text().strip().encode(),
        "issuer's key": issuer[1].encode(),
        "portal's secret": (keys / "signing.key").read_text().strip().encode(),
    }


def as_event(message: Message) -> BaseCloudEvent:
    assert len(dict(message.headers)) == len(message.headers), message.headers
    return from_binary_event(KafkaMessage(dict(message.headers), message.key, message.value))


def attribute(message: Message, name: str) -> str:
    return dict(message.headers)[name].decode()


@pytest.mark.parametrize("name", [name for name in sorted(FACTS) if not name.startswith(NOT_TOLD_HERE)])
async def test_every_fact_is_a_cloud_event_of_its_contract(wire: Wire, name: str) -> None:
    kind = FACTS[name]
    assert wire.on(name) if name.startswith(OF_NO_INTERVIEW) else wire.own(name)
    for message in wire.on(name):
        event = as_event(message)
        data: Any = event.get_data()
        assert event.get_type() == message.topic == name
        assert event.get_specversion() == "1.0"
        assert event.get_datacontenttype() == "application/json"
        assert event.get_id()
        assert event.get_source().startswith("/vivavoce/")
        assert isinstance(event.get_time(), datetime)
        assert event.get_extension("dataversion") == str(kind.version)
        organization = "none" if name.startswith("service.") else "org_local"
        assert event.get_extension("organizationid") == organization
        assert event.get_extension("correlationid")
        fact = kind.model_validate(data)
        assert event.get_subject() == fact.key == (message.key or b"").decode()
        assert fact.model_dump(mode="json") == data


async def test_questions_and_their_answers_are_cloud_events_too(wire: Wire) -> None:
    questions = [as_event(message) for message in wire.on(NOTIFIER_REQUESTS)]
    replies = [as_event(message) for message in wire.on(REPLY_TOPIC)]
    assert {event.get_type() for event in questions} <= set(REQUESTS)
    assert "webhook.register" in {event.get_type() for event in questions}
    asked = {event.get_id() for event in questions}
    assert {event.get_extension("causationid") for event in replies} & asked


async def test_one_id_is_one_fact(wire: Wire) -> None:
    seen: dict[tuple[str, str], bytes] = {}
    for message in wire.on(*FACTS):
        place = (message.topic, attribute(message, "ce_id"))
        assert seen.setdefault(place, message.value) == message.value


async def test_an_interview_is_one_correlation_and_every_fact_but_the_first_has_a_cause(wire: Wire) -> None:
    own = wire.own(*FACTS)
    assert len({attribute(message, "ce_correlationid") for message in own}) == 1
    ids = {attribute(message, "ce_id") for message in own}
    caused = [each for each in own if each.topic not in ("interview.submitted", RecordingRequested.type)]
    causes = {each.topic: dict(each.headers).get("ce_causationid", b"").decode() for each in caused}
    assert set(causes.values()) <= ids, causes


async def test_only_media_is_told_where_a_recording_lies(wire: Wire) -> None:
    requested = wire.on(RecordingRequested.type)
    addresses = {json.loads(message.value)["url"].encode() for message in requested}
    assert any(SIGNATURE.encode() in address for address in addresses)
    telling = [
        (message.topic, message.value)
        for message in wire.messages
        if message.topic != RecordingRequested.type and any(each in message.whole for each in addresses)
    ]
    assert telling == []


async def test_no_secret_travels(wire: Wire) -> None:
    for name, secret in wire.secrets.items():
        assert [message.topic for message in wire.messages if secret in message.whole] == [], name
    signature = SIGNATURE.encode()
    assert {each.topic for each in wire.messages if signature in each.whole} == {RecordingRequested.type}


async def test_no_secret_is_logged(stack: LiveStack, wire: Wire) -> None:
    logs = {file.name: file.read_bytes() for file in (stack.home / "logs").iterdir() if file.is_file()}
    assert wire.pipelines["q2"].encode() in logs["media.log"]
    for name, secret in {**wire.secrets, "signature of a recording": SIGNATURE.encode()}.items():
        assert [file for file, log in logs.items() if secret in log] == [], name


@pytest.mark.parametrize("which", ["steady", "failing"])
async def test_a_subscriber_is_told_of_every_score_and_of_the_end(wire: Wire, which: str) -> None:
    subscriber: Subscriber = getattr(wire, which)
    told = subscriber.receiver.ids_of(wire.interview_id)
    scored = {("score.generated", pipeline) for pipeline in wire.pipelines.values()}
    assert set(told) == {*scored, ("interview.completed", wire.interview_id)}


@pytest.mark.parametrize("which", ["steady", "failing"])
async def test_a_subscriber_is_told_under_the_id_that_the_event_has(wire: Wire, which: str) -> None:
    subscriber: Subscriber = getattr(wire, which)
    told = subscriber.receiver.ids_of(wire.interview_id)
    ids = {(each.topic, attribute(each, "ce_id")) for each in wire.own(*EVENTS)}
    assert {len(each) for each in told.values()} == {1}, told
    assert {(kind, one) for (kind, _), found in told.items() for one in found} == ids


@pytest.mark.parametrize("which", ["steady", "failing"])
async def test_a_subscriber_can_believe_every_try(wire: Wire, which: str) -> None:
    subscriber: Subscriber = getattr(wire, which)
    facts = {attribute(each, "ce_id"): json.loads(each.value) for each in wire.on(*EVENTS)}
    own = [each for each in subscriber.receiver.delivered if each.event_id in facts]
    assert len(own) >= len(wire.pipelines) + 1
    for delivered in own:
        message = subscriber.believed(delivered)
        assert set(message) == {"type", "timestamp", "data"}
        assert message["data"] == facts[delivered.event_id]


async def test_another_secret_is_not_believed(wire: Wire) -> None:
    with pytest.raises(WebhookVerificationError):
        wire.failing.believed(wire.steady.receiver.delivered[0])


async def test_a_subscriber_that_refuses_at_first_is_asked_again_until_it_takes(wire: Wire) -> None:
    tries = len(wire.failing.receiver.delivered)
    ids = {delivered.event_id for delivered in wire.failing.receiver.delivered}
    assert wire.failing.receiver.statuses == []
    assert tries == len(ids) + len(REFUSALS)


async def test_a_subscriber_that_takes_everything_is_asked_once(wire: Wire) -> None:
    ids = [delivered.event_id for delivered in wire.steady.receiver.delivered]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("which", ["steady", "failing"])
async def test_the_list_of_webhooks_says_how_deliveries_fared(wire: Wire, which: str) -> None:
    subscriber: Subscriber = getattr(wire, which)
    webhook = await subscriber.listed()
    ids = {delivered.event_id for delivered in subscriber.receiver.delivered}
    fared = webhook["deliveries"]
    assert (fared["delivered"], fared["failed"], fared["pending"]) == (len(ids), 0, 0)
    assert (fared["lastStatus"], fared["lastError"]) == (204, None)
    assert (webhook["url"], webhook["active"]) == (subscriber.receiver.url, True)
    assert "secret" not in webhook


async def test_a_chosen_secret_is_shown_in_the_standard_form(wire: Wire) -> None:
    assert wire.steady.secret == f"whsec_{base64.b64encode(SECRET.encode()).decode()}"
