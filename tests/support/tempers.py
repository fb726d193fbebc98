"""How a server in a test treats its callers: well, or in one of the ways in which servers fail."""

import asyncio
from enum import StrEnum

from aiohttp import web

LOOK_SECONDS = 0.1
COME_AGAIN_SECONDS = "1"


class Temper(StrEnum):
    """What every caller meets."""

    WELL = "well"
    FAILING = "failing"
    AWAY = "away"
    THROTTLING = "throttling"
    HANGING = "hanging"
    HANGING_UP = "hanging up"


STATUSES = {Temper.FAILING: 500, Temper.AWAY: 503, Temper.THROTTLING: 429}
BAD_TEMPERS = tuple(temper for temper in Temper if temper is not Temper.WELL)


class Moody:
    """A server's temper, which may be changed from any thread while it serves."""

    def __init__(self) -> None:
        self.temper = Temper.WELL

    async def refusal(self, request: web.Request) -> web.Response | None:
        """What to answer instead; None when the request is to be served."""
        while self.temper is Temper.HANGING:
            await asyncio.sleep(LOOK_SECONDS)
            if self.temper is not Temper.HANGING:
                return self._hang_up(request)
        if self.temper is Temper.WELL:
            return None
        if self.temper is Temper.HANGING_UP:
            return self._hang_up(request)
        asked = {} if self.temper is Temper.FAILING else {"Retry-After": COME_AGAIN_SECONDS}
        return web.Response(status=STATUSES[self.temper], headers=asked)

    @staticmethod
    def _hang_up(request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
