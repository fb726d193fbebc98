"""Offloaded work ends: by its result, at its deadline, or with its process."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support import offloaded
from vivavoce.chassis.errors import DeadlineExceeded, NotFound, WorkerDied
from vivavoce.chassis.offload import Offload, in_thread, tell

PATIENCE = 20.0
ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import asyncio, sys
from tests.support import offloaded
from vivavoce.chassis.offload import Offload
if __name__ == "__main__":
    asyncio.run(Offload(1).run(offloaded.sleep_with_a_grandchild, sys.argv[1], within=60))
"""


@pytest.fixture(scope="module")
async def offload() -> AsyncIterator[Offload]:
    made = Offload(1)
    yield made
    await made.close()


def ended(pid: int) -> bool:
    """Whether the process has gone; an unreaped one counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


async def until_ended(*pids: int) -> None:
    await asyncio.to_thread(wait_for, lambda: all(ended(pid) for pid in pids))


async def pids_in(path: Path) -> list[int]:
    await asyncio.to_thread(wait_for, path.exists)
    return [int(pid) for pid in (await asyncio.to_thread(path.read_text)).split()]


def parent_of_work(folder: Path, pids: Path) -> subprocess.Popen[bytes]:
    """Start a program that offloads the sleeper."""
    script = folder / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, str(script), str(pids)], env=environment)


async def test_the_result_comes_back_from_another_process(offload: Offload) -> None:
    assert await offload.run(offloaded.add, 2, 3, within=PATIENCE) == 5
    assert await offload.run(offloaded.own_pid, within=PATIENCE) != os.getpid()


async def test_a_process_serves_one_call_after_the_other(offload: Offload) -> None:
    first = await offload.run(offloaded.own_pid, within=PATIENCE)
    assert await offload.run(offloaded.own_pid, within=PATIENCE) == first


async def test_messages_arrive_in_order_before_the_result(offload: Offload) -> None:
    told: list[object] = []
    result = await offload.run(offloaded.count_aloud, 300, within=PATIENCE, on_message=told.append)
    assert result == "counted"
    assert told == [{"share": (step + 1) / 300} for step in range(300)]


async def test_messages_that_nobody_asked_for_are_dropped(offload: Offload) -> None:
    assert await offload.run(offloaded.count_aloud, 3, within=PATIENCE) == "counted"
    told: list[object] = []
    assert await offload.run(offloaded.add, 1, 1, within=PATIENCE, on_message=told.append) == 2
    assert told == []


def test_telling_outside_a_worker_does_nothing() -> None:
    tell({"share": 0.5})


async def test_an_error_of_the_tree_arrives_as_itself(offload: Offload) -> None:
    with pytest.raises(NotFound) as caught:
        await offload.run(offloaded.fail_as_the_tree_knows, within=PATIENCE)
    assert caught.value.message == "no such thing"
    assert caught.value.details == {"where": "here"}


async def test_an_exception_that_cannot_be_unpickled_is_named_and_spares_the_process(
    offload: Offload,
) -> None:
    before = await offload.run(offloaded.own_pid, within=PATIENCE)
    with pytest.raises(RuntimeError, match="Unportable: halfway"):
        await offload.run(offloaded.fail_unportably, within=PATIENCE)
    with pytest.raises(RuntimeError, match="pickle"):
        await offload.run(offloaded.return_the_unportable, within=PATIENCE)
    assert await offload.run(offloaded.own_pid, within=PATIENCE) == before


async def test_a_crash_is_told_and_the_next_call_works(offload: Offload) -> None:
    with pytest.raises(WorkerDied):
        await offload.run(offloaded.crash, within=PATIENCE)
    assert await offload.run(offloaded.add, 1, 2, within=PATIENCE) == 3


async def test_a_process_that_dies_between_two_calls_is_replaced(offload: Offload) -> None:
    pid = await offload.run(offloaded.own_pid, within=PATIENCE)
    os.kill(pid, signal.SIGKILL)
    await until_ended(pid)
    await asyncio.sleep(0.3)
    assert await offload.run(offloaded.own_pid, within=PATIENCE) != pid


async def test_the_deadline_kills_the_process_and_what_it_started(offload: Offload, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(DeadlineExceeded, match="sleep_with_a_grandchild took longer than 2 s"):
        await offload.run(offloaded.sleep_with_a_grandchild, str(pids), within=2.0)
    await until_ended(*await pids_in(pids))
    assert await offload.run(offloaded.add, 1, 2, within=PATIENCE) == 3


async def test_cancelling_the_caller_kills_the_work(offload: Offload, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    call = asyncio.create_task(offload.run(offloaded.sleep_with_a_grandchild, str(pids), within=PATIENCE))
    started = await pids_in(pids)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until_ended(*started)


async def test_no_more_processes_run_than_workers(offload: Offload) -> None:
    pids = await asyncio.gather(*(offload.run(offloaded.own_pid, within=PATIENCE) for _ in range(4)))
    assert len(set(pids)) == 1


async def test_the_initializer_runs_once_in_a_new_process() -> None:
    warmed = Offload(1, initializer=offloaded.remember, initargs=("models",))
    assert await warmed.run(offloaded.remembered, within=PATIENCE) == ["models"]
    assert await warmed.run(offloaded.remembered, within=PATIENCE) == ["models"]
    await warmed.close()


async def test_the_work_dies_with_its_parent(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    parent = parent_of_work(tmp_path, pids)
    started = await pids_in(pids)
    parent.kill()
    await asyncio.to_thread(parent.wait)
    await until_ended(*started)


async def test_a_thread_leaves_the_event_loop_free() -> None:
    waiting = asyncio.create_task(in_thread(time.sleep, 0.2))
    await asyncio.sleep(0)
    assert not waiting.done()
    await waiting
