"""Brings progress from the broker to this instance's board: every instance hears all of it."""

import asyncio

from pydantic import ValidationError

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.wire import Record, Wire
from vivavoce.contracts import PipelineProgress
from vivavoce.gateway.interviews.progress import ProgressBoard

AGAIN_SECONDS = 5.0

log = get_logger(__name__)


class ProgressListener:
    """Listens without a group and without acknowledgement: what is missed is missed."""

    def __init__(self, wire: Wire, board: ProgressBoard, clock: Clock) -> None:
        self._wire = wire
        self._board = board
        self._clock = clock

    async def run_forever(self) -> None:
        """Listen until cancelled, through the broker's absences."""
        while True:
            try:
                async with self._wire.listen(PipelineProgress.type, self.hear):
                    await asyncio.Event().wait()
            except VivaError as error:
                log.info("progress_not_heard", code=error.code)
            await self._clock.sleep(AGAIN_SECONDS)

    async def hear(self, record: Record) -> None:
        """Note one message; one that can't be read is passed over."""
        try:
            self._board.note(PipelineProgress.model_validate_json(record.value or b""))
        except ValidationError:
            log.debug("progress_unreadable", offset=record.offset)
