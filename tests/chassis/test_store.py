"""One behaviour for every object store: in memory, in a folder, and over the S3 protocol."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from tests.support.gateway import NOON
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import CorruptObject, InfrastructureAway, InvalidInput, NotFound
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.store import ObjectStore, make_store, open_store
from vivavoce.contracts import ClaimCheck

SEVERAL_PARTS = bytes(range(256)) * (11 * 1024 * 1024 // 256)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3, with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    bucket = Request(f"http://{host}:{port}/recordings", method="PUT")
    urlopen(bucket).close()
    yield f"http://{host}:{port}"
    server.stop()


def point_at(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture(params=["memory", "folder", "s3"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ObjectStore]:
    if request.param == "memory":
        yield make_store("memory:///")
    elif request.param == "folder":
        yield make_store((tmp_path / "with a space").as_uri())
    else:
        point_at(monkeypatch, request.getfixturevalue("s3"))
        yield make_store("s3://recordings/some/prefix")


async def test_what_is_put_can_be_got(store: ObjectStore) -> None:
    claim = await store.put("analyses/a1/transcript.json", b"{}", "application/json")
    assert claim == ClaimCheck(
        key="analyses/a1/transcript.json",
        size=2,
        sha256=hashlib.sha256(b"{}").hexdigest(),
        media_type="application/json",
    )
    assert await store.get(claim) == b"{}"


async def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    claim = await store.put("empty", b"", "text/plain")
    assert await store.get(claim) == b""


async def test_a_later_put_replaces_the_earlier(store: ObjectStore) -> None:
    await store.put("same", b"one", "text/plain")
    claim = await store.put("same", b"two", "text/plain")
    assert await store.get(claim) == b"two"


async def test_a_large_file_goes_in_and_out_in_parts(store: ObjectStore, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(SEVERAL_PARTS)
    claim = await store.put_file("recordings/large", source, "video/mp4")
    assert (claim.size, claim.sha256) == (len(SEVERAL_PARTS), hashlib.sha256(SEVERAL_PARTS).hexdigest())
    await store.download(claim, target)
    assert target.read_bytes() == SEVERAL_PARTS


@pytest.mark.parametrize("stored", [b"short", b"as long", b"much longer than claimed"])
async def test_an_object_that_is_not_what_its_claim_says_is_corrupt(
    store: ObjectStore, tmp_path: Path, stored: bytes
) -> None:
    claim = await store.put("claimed", b"claimed", "text/plain")
    await store.put("claimed", stored, "text/plain")
    with pytest.raises(CorruptObject):
        await store.get(claim)
    with pytest.raises(CorruptObject):
        await store.download(claim, tmp_path / "target")


async def test_an_absent_object_is_not_found(store: ObjectStore, tmp_path: Path) -> None:
    claim = ClaimCheck(key="absent", size=1, sha256="0" * 64, media_type="text/plain")
    with pytest.raises(NotFound):
        await store.get(claim)
    with pytest.raises(NotFound):
        await store.download(claim, tmp_path / "target")


async def test_existence_follows_put_and_delete(store: ObjectStore) -> None:
    assert not await store.exists("here/or/not")
    await store.put("here/or/not", b"x", "text/plain")
    assert await store.exists("here/or/not")
    await store.delete("here/or/not")
    assert not await store.exists("here/or/not")


async def test_deleting_what_is_not_there_does_nothing(store: ObjectStore) -> None:
    await store.delete("never/was")


async def test_a_key_cannot_leave_the_store(store: ObjectStore) -> None:
    with pytest.raises(InvalidInput):
        await store.put("../outside", b"x", "text/plain")


async def test_a_reachable_store_answers_a_ping(store: ObjectStore) -> None:
    await store.ping()


async def test_concurrent_puts_of_one_content_leave_one_whole_object(store: ObjectStore) -> None:
    claims = await asyncio.gather(*(store.put("once", b"content", "text/plain") for _ in range(5)))
    assert await store.get(claims[0]) == b"content"


async def test_an_unreachable_server_is_infrastructure_away(monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setattr("vivavoce.chassis.store.RETRY", {"max_retries": 0})
    away = make_store("s3://recordings")
    with pytest.raises(InfrastructureAway):
        await away.ping()
    with pytest.raises(InfrastructureAway):
        await away.put("key", b"data", "text/plain")


async def test_a_server_that_fails_again_and_again_is_left_alone_until_it_answers(
    monkeypatch: pytest.MonkeyPatch, s3: str
) -> None:
    monkeypatch.setattr("vivavoce.chassis.store.RETRY", {"max_retries": 0})
    clock = ManualClock(NOON)
    settings = ServiceSettings(
        store_url="s3://recordings", store_breaker_failures=2, store_breaker_rest_seconds=10
    )
    point_at(monkeypatch, "http://127.0.0.1:9")
    away = open_store(settings, clock)
    (breaker,) = away.breakers
    for _ in range(3):
        with pytest.raises(InfrastructureAway) as failed:
            await away.ping()
    assert (breaker.state.state, breaker.state.failures, failed.value.retry_after) == ("open", 2, 10)
    point_at(monkeypatch, s3)
    well = make_store("s3://recordings", breaker)
    with pytest.raises(InfrastructureAway):
        await well.ping()
    await clock.advance(timedelta(seconds=10))
    assert not await well.exists("absent")
    assert breaker.state.state == "closed"


def test_a_store_on_this_machine_has_no_breaker(tmp_path: Path) -> None:
    settings = ServiceSettings(store_url=tmp_path.as_uri())
    assert open_store(settings, ManualClock(NOON)).breakers == ()


async def test_a_folder_that_has_gone_is_infrastructure_away(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = make_store(folder.as_uri())
    folder.rmdir()
    with pytest.raises(InfrastructureAway):
        await store.ping()


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(InvalidInput, match="file://, s3:// or memory://"):
        make_store("ftp://somewhere")
