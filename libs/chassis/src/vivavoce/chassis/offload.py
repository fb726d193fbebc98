"""Work that would hold up the event loop, in processes that can be killed and in threads.

One worker process serves one call at a time. A call that outlives its deadline, is cancelled or
whose process dies ends with its whole process group killed; the next call gets a new process.
"""

import asyncio
import json
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from vivavoce.chassis.errors import DeadlineExceeded, VivaError, WorkerDied
from vivavoce.chassis.model_calls import receive_call, send_calls

RESULT = TypeVar("RESULT")
OnMessage = Callable[[object], None]
MESSAGE_SIZE = 64 * 1024

_wires: list[socket.socket] = []


class Offload:
    """At most `workers` processes, started by `spawn` when first needed and kept for later calls.

    `initializer(*initargs)` runs once in every new process. It, every function and every argument
    must be importable by name or picklable.
    """

    def __init__(
        self, workers: int, *, initializer: Callable[..., None] | None = None, initargs: tuple[Any, ...] = ()
    ) -> None:
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._setup = (initializer, initargs)
        self._endings: set[asyncio.Task[None]] = set()

    async def run(
        self,
        function: Callable[..., RESULT],
        *args: object,
        within: float,
        on_message: OnMessage | None = None,
    ) -> RESULT:
        """Call `function(*args)` in a worker process and return what it returns.

        `within` seconds count from when a worker is free, and include its start. What the function
        passes to `tell` arrives at `on_message`, before this returns. Raises DeadlineExceeded,
        WorkerDied, the function's own VivaError, or RuntimeError naming any other exception.
        """
        async with self._slots:
            worker = await self._free_worker()
            try:
                return await worker.call(function, args, within, on_message or _ignore)
            finally:
                if worker.usable:
                    self._idle.append(worker)
                else:
                    await self._end(worker)

    async def close(self) -> None:
        """Kill every idle worker process, with whatever it started; busy ones end with their calls."""
        while self._idle:
            await self._end(self._idle.pop())
        await asyncio.gather(*self._endings)

    async def _free_worker(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await self._end(worker)
        return _Worker(*self._setup)

    async def _end(self, worker: "_Worker") -> None:
        """End a worker to the last, even when whoever asked is cancelled meanwhile."""
        ending = asyncio.create_task(asyncio.to_thread(worker.end))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        await asyncio.shield(ending)


class _Endable(Protocol):
    """The part of a Pebble pool that has no types of its own."""

    def stop(self) -> None: ...

    def join(self) -> None: ...


class _Worker:
    """One process, and the socket on which its messages come: whole datagrams need no locks."""

    def __init__(self, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> None:
        self.usable = True
        self._group: int | None = None
        self._inbox, self._outbox = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._inbox.setblocking(False)
        self._pool = ProcessPool(
            max_workers=1,
            initializer=_enter,
            initargs=(self._outbox, initializer, initargs),
            context=multiprocessing.get_context("spawn"),
        )

    @property
    def alive(self) -> bool:
        """False when the process died between two calls."""
        return self._pool.active

    async def call(
        self, function: Callable[..., RESULT], args: tuple[object, ...], within: float, hear: OnMessage
    ) -> RESULT:
        payload = bytes(ForkingPickler.dumps((function, args)))
        loop = asyncio.get_running_loop()
        loop.add_reader(self._inbox, self._receive, hear)
        self.usable = False
        try:
            async with asyncio.timeout(within):
                outcome = await asyncio.wrap_future(self._pool.schedule(_perform, args=(payload,)))
        except TimeoutError as error:
            name = getattr(function, "__name__", "the work")
            raise DeadlineExceeded(f"{name} took longer than {within:g} s and was stopped") from error
        except (ProcessExpired, BrokenExecutor) as error:
            raise WorkerDied(f"the process of the work ended before the work did: {error}") from error
        except (VivaError, RuntimeError):
            self.usable = True
            raise
        finally:
            self._receive(hear)
            loop.remove_reader(self._inbox)
        self.usable = True
        return cast("RESULT", ForkingPickler.loads(outcome))

    def end(self) -> None:
        """Kill the process group and reap the process; takes a moment, so not for the event loop."""
        if self._group is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._group, signal.SIGKILL)
        pool = cast("_Endable", self._pool)
        pool.stop()
        pool.join()
        self._inbox.close()
        self._outbox.close()

    def _receive(self, hear: OnMessage) -> None:
        with suppress(BlockingIOError):
            while True:
                message = json.loads(self._inbox.recv(MESSAGE_SIZE))
                if "group" in message:
                    self._group = int(message["group"])
                elif "call" in message:
                    receive_call(message["call"])
                else:
                    hear(message["told"])


def tell(message: object) -> None:
    """Send something JSON can carry, up to 64 KiB, to the caller; for use inside offloaded functions.

    Outside a worker process it does nothing, so that the same function also runs in place.
    """
    for wire in _wires:
        wire.send(json.dumps({"told": message}).encode())


def _tell_of_call(call: dict[str, Any]) -> None:
    for wire in _wires:
        wire.send(json.dumps({"call": call}).encode())


async def in_thread(function: Callable[..., RESULT], *args: object) -> RESULT:
    """Call a function that blocks but needs no other process, in a thread."""
    return await asyncio.to_thread(function, *args)


def _ignore(message: object) -> None:
    """Take a message that nobody asked for."""


def _enter(wire: socket.socket, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> None:
    """Set up a worker process: its own group, ended at once by a signal and by its parent's death."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_follow_parent, name="follow-parent", daemon=True).start()
    wire.send(json.dumps({"group": os.getpid()}).encode())
    _wires.append(wire)
    send_calls(_tell_of_call)
    if initializer is not None:
        initializer(*initargs)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _perform(payload: bytes) -> bytes:
    """Run one call. Only bytes and two kinds of errors cross the border: those can be unpickled."""
    try:
        function, args = ForkingPickler.loads(payload)
        return bytes(ForkingPickler.dumps(function(*args)))
    except VivaError:
        raise
    except BaseException as error:
        raise RuntimeError(f"{type(error).__qualname__}: {error}") from error
