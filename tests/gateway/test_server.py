"""The gateway's server: how it ends."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI

from tests.support.embedded_mongo import free_port
from vivavoce.gateway.__main__ import Server


def test_told_to_stop_amidst_a_step_of_its_start_it_just_ends() -> None:
    @asynccontextmanager
    async def interrupted(_: FastAPI) -> AsyncIterator[None]:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.Event().wait()
        yield

    config = uvicorn.Config(FastAPI(lifespan=interrupted), port=free_port(), lifespan="on", log_config=None)
    with pytest.raises(SystemExit) as ended:
        Server(config).run()
    assert ended.value.code == 0
