"""Runs a worker: its service, and a small HTTP shell for operators, until it is told to stop."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import uvicorn
from fastapi import FastAPI

from vivavoce.chassis.http import operations_router
from vivavoce.chassis.log import configure_logging, get_logger
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.watching import configure_watching

if TYPE_CHECKING:
    from vivavoce.chassis.service import Service

SETTINGS = TypeVar("SETTINGS", bound=ServiceSettings)

log = get_logger(__name__)


def run_service(build: "Callable[[SETTINGS], Service]", settings: SETTINGS) -> None:
    """Run a worker until SIGTERM or SIGINT; returns when it has stopped in order."""
    configure_logging(settings)
    configure_watching(settings)
    asyncio.run(_run(build, settings))


async def _run(build: "Callable[[SETTINGS], Service]", settings: SETTINGS) -> None:
    service = build(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    server = _server(settings, service)
    serving = asyncio.create_task(server.serve())
    living = asyncio.create_task(_live(service, stopping))
    try:
        await asyncio.wait({serving, living}, return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        await living
    finally:
        server.should_exit = True
        await serving


async def _live(service: "Service", stopping: asyncio.Event) -> None:
    """The service's life. A process told to stop while it still waits for its database just ends."""
    stop = asyncio.create_task(stopping.wait())
    running = asyncio.create_task(_stay(service, stop))
    await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
    if not service.entered:
        running.cancel()
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()


async def _stay(service: "Service", stop: "asyncio.Task[bool]") -> None:
    async with service.lifespan():
        settle_memory()
        await stop


def settle_memory() -> None:
    """Have the garbage collector leave alone, from now on, what the process was started with.

    That is nearly all it has, and lives as long as the process: a full collection would look through all of
    it, again and again, for what a few requests have left.
    """
    gc.collect()
    gc.freeze()


def _server(settings: ServiceSettings, service: "Service") -> "_Server":
    app = FastAPI(openapi_url=None)
    app.include_router(operations_router(service.all_checks()))
    return _Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )


class _Server(uvicorn.Server):
    """A server that leaves the signals to the shell."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield
