"""Fetches an answer's recording, checks it and stores it: the run of an intake."""

from datetime import datetime, timedelta
from pathlib import Path

from vivavoce.chassis import tracing
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.job import Settle
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.store import ObjectStore
from vivavoce.chassis.tracing import SpanKind
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    ClaimCheck,
    Probe,
    RecordingIngested,
    RecordingRejected,
    RejectionReason,
    Stage,
)
from vivavoce.media.fetching import Fetched, retry_delay
from vivavoce.media.intake import Intake, emit_once
from vivavoce.media.limits import RetryLimits
from vivavoce.media.ports import Fetcher, Prober
from vivavoce.media.probing import media_type
from vivavoce.media.progress import ProgressReporter
from vivavoce.media.rejection import Interrupted, Rejected
from vivavoce.media.workspace import Workspace

log = get_logger(__name__)


class Ingest:
    """Runs intakes; what came of one is stored and said in the transaction that settles it."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        prober: Prober,
        store: ObjectStore,
        workspace: Workspace,
        progress: ProgressReporter,
        limits: RetryLimits,
        clock: Clock,
    ) -> None:
        self._fetcher = fetcher
        self._prober = prober
        self._store = store
        self._workspace = workspace
        self._progress = progress
        self._limits = limits
        self._clock = clock

    async def run(self, intake: Intake) -> Settle[Intake]:
        """Try once; the result ends the intake, or says when to try again."""
        since = intake.tried_since or self._clock.now()
        try:
            self._refuse_endless(intake)
            fact = await self._ingested(intake)
        except Interrupted as error:
            waited = (self._clock.now() - since).total_seconds()
            delay = retry_delay(self._limits, intake.attempts, waited)
            log.info("fetch_interrupted", answer_id=intake.id, reason=error.reason, next_in=delay)
            if delay is None:
                return _rejection(error)
            return _postponement(self._clock.now() + timedelta(seconds=delay), since)
        except Rejected as error:
            log.info("recording_rejected", answer_id=intake.id, reason=error.reason)
            return _rejection(error)
        return _success(fact)

    def _refuse_endless(self, intake: Intake) -> None:
        """End an intake whose runs neither succeed nor fail: they take their process with them."""
        if intake.attempts > self._limits.fetch_tries:
            raise Rejected(
                RejectionReason.ANALYSIS_FAILED,
                f"checking the recording failed {intake.attempts - 1} times; export it again and resubmit it",
            )

    async def _ingested(self, intake: Intake) -> RecordingIngested:
        report = self._progress.begin(intake.context, intake.interview_id, intake.id, Stage.FETCHING)
        with self._workspace.folder() as folder:
            path = folder / "recording"
            with tracing.step("GET recording", SpanKind.CLIENT, {"http.request.method": "GET"}):
                fetched = await self._fetcher.fetch(intake.url, path, report)
            with tracing.step("probe"):
                probe = await self._prober.probe(path)
            with tracing.step("store"):
                claim = await self._stored(path, fetched, probe)
        report(1.0)
        return RecordingIngested(
            interview_id=intake.interview_id, answer_id=intake.id, recording=claim, probe=probe
        )

    async def _stored(self, path: Path, fetched: Fetched, probe: Probe) -> ClaimCheck:
        key = f"recordings/{fetched.sha256}"
        kind = media_type(probe)
        if await self._store.exists(key):
            return ClaimCheck(key=key, size=fetched.size, sha256=fetched.sha256, media_type=kind)
        return await self._store.put_file(key, path, kind)


def _success(fact: RecordingIngested) -> Settle[Intake]:
    async def settle(uow: UnitOfWork, intake: Intake) -> Intake:
        emit_once(fact, intake.id, uow)
        return intake.model_copy(update={"due_at": None, "url": "", "ingested": fact})

    return settle


def _rejection(error: Rejected) -> Settle[Intake]:
    async def settle(uow: UnitOfWork, intake: Intake) -> Intake:
        fact = RecordingRejected(
            interview_id=intake.interview_id, answer_id=intake.id, reason=error.reason, detail=error.message
        )
        emit_once(fact, intake.id, uow)
        return intake.model_copy(update={"due_at": None, "url": "", "rejected": fact})

    return settle


def _postponement(due_at: datetime, since: datetime) -> Settle[Intake]:
    async def settle(_: UnitOfWork, intake: Intake) -> Intake:
        return intake.model_copy(update={"due_at": due_at, "tried_since": since})

    return settle
