"""Progress, told to whoever watches: now and then, and never at the cost of the work."""

import asyncio
from datetime import timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.contracts import PipelineProgress, Stage
from vivavoce.media.ports import OnProgress, ProgressPublisher

PAUSE = timedelta(seconds=1)


class ProgressReporter:
    """Publishes the shares of a stage: the first, the last, and at most one a second between."""

    def __init__(self, publisher: ProgressPublisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock
        self._sending: set[asyncio.Task[None]] = set()

    def begin(self, context: Context, interview_id: str, answer_id: str, stage: Stage) -> OnProgress:
        """Report that a stage has begun; the result takes the shares that follow."""
        last_sent, last_share = self._clock.now() - PAUSE, -1.0

        def report(share: float) -> None:
            nonlocal last_sent, last_share
            now, share = self._clock.now(), min(max(share, 0.0), 1.0)
            if share == last_share or (now - last_sent < PAUSE and share < 1):
                return
            last_sent, last_share = now, share
            fact = PipelineProgress(interview_id=interview_id, answer_id=answer_id, stage=stage, share=share)
            self._send(fact, context)

        report(0.0)
        return report

    def _send(self, fact: PipelineProgress, context: Context) -> None:
        task = asyncio.create_task(self._publisher.publish_now(fact, context))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
