"""Processes tell each other that a topic may have something new, and nothing comes of it when they can't."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import until
from tests.support.delivery import settings
from vivavoce.chassis.doorbell import LOOPBACK, MOST_BYTES, Doorbell, make_doorbell

TOPIC = "media.features"


class Full(socket.socket):
    """A socket whose buffer is full."""

    def sendto(self, *_: Any) -> int:
        raise BlockingIOError


def bell_in(folder: Path, name: str = "media", instance: str = "1") -> Doorbell:
    return Doorbell(folder, service_name=name, instance_name=instance)


@asynccontextmanager
async def hung(folder: Path, *names: str) -> AsyncIterator[list[Doorbell]]:
    """Started bells of services of these names."""
    bells = [bell_in(folder, name) for name in names]
    for bell in bells:
        await bell.start()
    try:
        yield bells
    finally:
        for bell in bells:
            await bell.stop()


def known_in(folder: Path) -> list[str]:
    """The services and instances that are known, without their ports."""
    return sorted(path.name.rpartition(".")[0] for path in folder.iterdir())


def port_of(folder: Path, name: str) -> int:
    [path] = folder.glob(f"{name}.*")
    return int(path.name.rpartition(".")[2])


async def test_bells_in_one_folder_ring_each_other_and_themselves(tmp_path: Path) -> None:
    async with hung(tmp_path / "made/when/needed", "media", "gateway", "notifier") as bells:
        waiting = [bell.next_ring([TOPIC, "score.generated"]) for bell in bells]

        bells[0].ring(TOPIC)

        await until(lambda: all(rung.is_set() for rung in waiting))


async def test_only_those_are_told_who_wait_for_the_topic(tmp_path: Path) -> None:
    async with hung(tmp_path, "media", "gateway") as (media, gateway):
        others, own = media.next_ring(["score.generated"]), media.next_ring([TOPIC])

        gateway.ring("media.features.dlq")
        gateway.ring(TOPIC)

        await until(own.is_set)
        assert not others.is_set()


async def test_a_ring_is_for_those_who_wait_already(tmp_path: Path) -> None:
    bell = bell_in(tmp_path)

    bell.ring(TOPIC)

    assert not bell.next_ring([TOPIC]).is_set()


async def test_a_process_is_known_while_it_listens_and_once(tmp_path: Path) -> None:
    for left in ("media.1.4711", "media.10.4712", "gateway.1.4713"):
        (tmp_path / left).touch()

    async with hung(tmp_path, "media"):
        assert known_in(tmp_path) == ["gateway.1", "media.1", "media.10"]
        assert port_of(tmp_path, "media.1") != 4711

    assert known_in(tmp_path) == ["gateway.1", "media.10"]


async def test_a_name_that_a_file_can_not_have_is_written_otherwise(tmp_path: Path) -> None:
    bell = bell_in(tmp_path, "media", "../rack/7")

    await bell.start()
    assert len(known_in(tmp_path)) == 1
    await bell.stop()

    assert known_in(tmp_path) == []


async def test_strange_files_and_strange_datagrams_are_left_alone(tmp_path: Path) -> None:
    for strange in ("README", ".7", "media", "odd.1.0", "odd.1.99999", "odd.1.port", "odd.1.1234567"):
        (tmp_path / strange).touch()
    (tmp_path / "folder.1.80").mkdir()
    async with hung(tmp_path, "media", "gateway") as (media, gateway):
        rung = media.next_ring([TOPIC])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for garbage in (b"", b"\xff\xfe", TOPIC.encode() + b"\0", b"x" * MOST_BYTES, b"x" * 60_000):
                stranger.sendto(garbage, (LOOPBACK, port_of(tmp_path, "media.1")))
        await asyncio.sleep(0.01)
        assert not rung.is_set()

        gateway.ring(TOPIC)

        await until(rung.is_set)


async def test_a_bell_without_a_folder_rings_in_its_own_process(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with hung(tmp_path / "file", "media") as [bell]:
        rung = bell.next_ring([TOPIC])
        bell.ring(TOPIC)
        assert rung.is_set()


async def test_a_folder_that_vanishes_and_a_system_that_takes_nothing_trouble_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "doorbells"
    async with hung(folder, "media", "gateway") as (media, gateway):
        with Full(socket.AF_INET, socket.SOCK_DGRAM) as media._socket:
            media.ring(TOPIC)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        gateway.ring(TOPIC)


async def test_a_bell_that_is_taken_down_or_was_never_hung_is_harmless(tmp_path: Path) -> None:
    bell = bell_in(tmp_path / "none")
    bell.ring(TOPIC)
    await bell.stop()
    async with hung(tmp_path, "gateway"):
        pass
    bell.ring(TOPIC)


@pytest.mark.parametrize("told", [False, True])
def test_a_process_has_a_bell_where_its_settings_name_a_folder(told: bool, tmp_path: Path) -> None:
    made = make_doorbell(settings(kafka_doorbell_folder=tmp_path if told else ""))
    assert (made is not None) == told
