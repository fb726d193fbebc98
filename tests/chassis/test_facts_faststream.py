"""What FastStream does with a message however its handling ends: an upgrade that changes it is noticed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from faststream import AckPolicy, BaseMiddleware
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.specification import AsyncAPI

from tests.support.databases import turns, until
from tests.support.scripted_consumer import ScriptedCluster, ScriptedConsumer
from vivavoce.contracts import FACTS, all_topics
from vivavoce.contracts.asyncapi import Wiring, asyncapi_document

GRACE = 0.01
OFTEN = 500
Handler = Callable[..., Awaitable[None]]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> ScriptedCluster:
    return ScriptedCluster(monkeypatch)


@asynccontextmanager
async def plain(
    cluster: ScriptedCluster, handler: Handler, **options: Any
) -> AsyncIterator[ScriptedConsumer]:
    """A subscriber of the topic `t` as the library makes it, stopped at the end of the block."""
    middlewares = options.pop("middlewares", ())
    broker = KafkaBroker(
        "127.0.0.1:1", consumer_only=True, graceful_timeout=GRACE, logger=None, middlewares=middlewares
    )
    broker.subscriber("t", group_id="g", **options)(handler)
    await broker.start()
    try:
        yield cluster.consumers[0]
    finally:
        await broker.stop()


class Handling:
    """A handler that succeeds, fails or never ends."""

    def __init__(self, how: str) -> None:
        self.calls = 0
        self._how = how

    async def __call__(self, _: Any) -> None:
        self.calls += 1
        if self._how == "fails":
            raise ValueError("no")
        if self._how == "never ends":
            await asyncio.Event().wait()


HANDLED = {("t", 0): 1}


@pytest.mark.filterwarnings("ignore:AckPolicy.REJECT_ON_ERROR")
@pytest.mark.parametrize(
    ("policy", "how", "committed"),
    [
        (None, "never ends", HANDLED),
        (None, "fails", HANDLED),
        (AckPolicy.ACK, "fails", HANDLED),
        (AckPolicy.REJECT_ON_ERROR, "fails", HANDLED),
        (AckPolicy.ACK, "never ends", {}),
        (AckPolicy.NACK_ON_ERROR, "fails", {}),
        (AckPolicy.NACK_ON_ERROR, "never ends", {}),
        (AckPolicy.NACK_ON_ERROR, "succeeds", HANDLED),
        (AckPolicy.MANUAL, "fails", {}),
        (AckPolicy.MANUAL, "succeeds", {}),
    ],
    ids=str,
)
async def test_only_two_policies_never_commit_what_was_not_handled(
    cluster: ScriptedCluster, policy: AckPolicy | None, how: str, committed: dict[tuple[str, int], int]
) -> None:
    handler = Handling(how)
    cluster.put("t")

    async with plain(cluster, handler, **({"ack_policy": policy} if policy else {})) as consumer:
        await until(lambda: handler.calls > 0)
        await turns()

    assert handler.calls >= 1
    assert consumer.committed == committed


async def test_a_message_that_is_handed_back_comes_again_at_once_and_without_an_end(
    cluster: ScriptedCluster,
) -> None:
    handler = Handling("fails")
    cluster.put("t")
    cluster.put("t")

    async with plain(cluster, handler, ack_policy=AckPolicy.NACK_ON_ERROR) as consumer:
        await until(lambda: handler.calls > OFTEN)

    assert handler.calls > OFTEN
    assert consumer.commits == []


async def test_a_message_with_a_header_that_is_no_text_is_committed_past_by_the_next_success(
    cluster: ScriptedCluster,
) -> None:
    handler = Handling("succeeds")
    cluster.put("t", headers=[("name", b"\xff")])
    cluster.put("t")

    async with plain(cluster, handler, ack_policy=AckPolicy.NACK_ON_ERROR) as consumer:
        await until(lambda: consumer.commits != [])

    assert handler.calls == 1
    assert consumer.committed == {("t", 0): 2}


async def test_a_message_on_which_a_parser_of_ones_own_fails_comes_again(cluster: ScriptedCluster) -> None:
    tries: list[object] = []

    async def fail(_: Any, __: Any) -> Any:
        tries.append(None)
        raise ValueError("no")

    cluster.put("t")
    cluster.put("t")

    async with plain(
        cluster, Handling("succeeds"), parser=fail, ack_policy=AckPolicy.NACK_ON_ERROR
    ) as consumer:
        await until(lambda: len(tries) > OFTEN)

    assert consumer.commits == []


async def test_a_batch_that_fails_is_rewound_in_each_of_its_partitions(cluster: ScriptedCluster) -> None:
    handler = Handling("fails")
    for partition in (0, 1, 2):
        cluster.put("t", partition)

    async with plain(cluster, handler, batch=True, ack_policy=AckPolicy.NACK_ON_ERROR) as consumer:
        await until(lambda: handler.calls >= 2)

    assert sorted(consumer.given[:6]) == [("t", 0), ("t", 0), ("t", 1), ("t", 1), ("t", 2), ("t", 2)]
    assert consumer.commits == []


async def test_an_acknowledgement_commits_every_partition_whatever_was_not_acknowledged_there(
    cluster: ScriptedCluster,
) -> None:
    async def acknowledge_the_second(_: Any, message: KafkaMessage) -> None:
        if message.body == b"second":
            await message.ack()

    cluster.put("t", 0, b"first")
    cluster.put("t", 1, b"second")

    async with plain(cluster, acknowledge_the_second, ack_policy=AckPolicy.MANUAL) as consumer:
        await until(lambda: consumer.commits != [])

    assert consumer.committed == {("t", 0): 1, ("t", 1): 1}


async def test_a_commit_that_fails_stops_nothing(cluster: ScriptedCluster) -> None:
    handler = Handling("succeeds")
    for _ in range(3):
        cluster.put("t")

    async with plain(cluster, handler, ack_policy=AckPolicy.NACK_ON_ERROR) as consumer:
        consumer.refuses_commits = True
        await until(lambda: handler.calls == 3)

    assert handler.calls == 3
    assert consumer.commits == []


async def test_several_workers_have_no_consumer_left_when_their_handlers_end(
    cluster: ScriptedCluster,
) -> None:
    begun: list[bool] = []
    connected: list[bool] = []

    async def handler(_: Any) -> None:
        begun.append(True)
        try:
            await asyncio.Event().wait()
        finally:
            connected.append(any(not consumer.stopped for consumer in cluster.consumers))

    cluster.put("t", 0)
    async with plain(cluster, handler, max_workers=2, ack_policy=AckPolicy.NACK_ON_ERROR):
        await until(lambda: begun != [])
    await until(lambda: connected != [])

    assert connected
    assert not any(connected)


@pytest.mark.parametrize("put_aside", [True, False])
async def test_a_middleware_that_returns_after_a_failure_has_it_acknowledged_and_one_that_raises_has_not(
    cluster: ScriptedCluster, put_aside: bool
) -> None:
    class Bounded(BaseMiddleware):
        async def consume_scope(self, call_next: Any, msg: Any) -> Any:
            try:
                return await call_next(msg)
            except ValueError:
                if not put_aside:
                    raise

    handler = Handling("fails")
    cluster.put("t")

    async with plain(cluster, handler, middlewares=[Bounded], ack_policy=AckPolicy.NACK_ON_ERROR) as consumer:
        await until(lambda: handler.calls > 0)
        await turns()

    assert consumer.committed == (HANDLED if put_aside else {})


async def test_a_structured_cloud_event_is_left_undecoded(cluster: ScriptedCluster) -> None:
    heard: list[Any] = []

    async def handler(content: Any) -> None:
        heard.append(content)

    content_type = ("content-type", b"application/cloudevents+json")
    cluster.put("t", value=b'{"data": 1}', headers=[content_type])

    async with plain(cluster, handler, ack_policy=AckPolicy.NACK_ON_ERROR):
        await until(lambda: heard != [])

    assert heard == [b'{"data": 1}']


def test_the_librarys_own_description_tells_neither_keys_nor_partitions_nor_groups() -> None:
    broker = KafkaBroker("127.0.0.1:1")

    async def handle(_: dict[str, str]) -> None:
        """Nothing."""

    broker.subscriber("score.generated", group_id="the-group")(handle)
    told = AsyncAPI(broker).to_specification().to_json()

    assert "score.generated" in told
    for lacking in ("the-group", "groupId", "partitions", '"key"'):
        assert lacking not in told


def test_the_published_description_tells_address_partitions_and_key_of_every_fact() -> None:
    document = asyncapi_document(Wiring((), (), {}))
    assert set(document["channels"]) == {topic.name for topic in all_topics()}
    for name, fact in FACTS.items():
        channel, message = document["channels"][name], document["components"]["messages"][name]
        assert channel["address"] == channel["bindings"]["kafka"]["topic"] == name
        assert channel["bindings"]["kafka"]["partitions"] == fact.partitions
        assert fact.key_field in message["bindings"]["kafka"]["key"]["description"]
