"""Analyses an ingested recording and stores what is too large for a fact."""

import hashlib

from vivavoce.chassis import tracing
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import DeadlineExceeded
from vivavoce.chassis.offload import in_thread
from vivavoce.chassis.store import ObjectStore
from vivavoce.chassis.subscriptions import Failure, Received
from vivavoce.contracts import (
    ClaimCheck,
    MediaFeatures,
    RecordingIngested,
    RecordingRejected,
    RejectionReason,
    Stage,
    Value,
)
from vivavoce.media.analysis import Analysis
from vivavoce.media.ports import Analyzer
from vivavoce.media.progress import ProgressReporter
from vivavoce.media.rejection import Rejected
from vivavoce.media.workspace import Workspace

JSON = "application/json"


class Analysing:
    """The slow part of `recording.ingested`: reads the store, measures, writes the store."""

    def __init__(
        self, *, analyzer: Analyzer, store: ObjectStore, workspace: Workspace, progress: ProgressReporter
    ) -> None:
        self._analyzer = analyzer
        self._store = store
        self._workspace = workspace
        self._progress = progress

    async def features(self, received: Received[RecordingIngested]) -> MediaFeatures:
        """The features of a recording, its transcript and face track stored; raises VivaError."""
        fact = received.fact
        context = Context.caused_by(received.envelope)
        report = self._progress.begin(context, fact.interview_id, fact.answer_id, Stage.ANALYSING)
        with self._workspace.folder() as folder:
            path = folder / "recording"
            with tracing.step("download"):
                await self._store.download(fact.recording, path)
            with tracing.step("analyse", attributes={"viva.recording.seconds": fact.probe.duration}):
                analysis = await self._analyzer.analyse(path, fact.probe, report)
        with tracing.step("store"):
            features = await self._stored(fact, analysis)
        report(1.0)
        return features

    async def _stored(self, fact: RecordingIngested, analysis: Analysis) -> MediaFeatures:
        return MediaFeatures(
            interview_id=fact.interview_id,
            answer_id=fact.answer_id,
            duration=analysis.duration,
            language=analysis.language,
            transcript=await self._put(fact.answer_id, "transcript", analysis.transcript),
            transcript_reason=analysis.transcript_reason,
            face_track=await self._put(fact.answer_id, "face-track", analysis.face_track),
            face_reason=analysis.face_reason,
            observables=analysis.observables,
            models=analysis.models,
        )

    async def _put(self, answer_id: str, name: str, document: Value | None) -> ClaimCheck | None:
        if document is None:
            return None
        data, digest = await in_thread(_serialized, document)
        return await self._store.put(f"analyses/{answer_id}/{name}-{digest}.json", data, JSON)


def _serialized(document: Value) -> tuple[bytes, str]:
    data = document.model_dump_json().encode()
    return data, hashlib.sha256(data).hexdigest()


def given_up(fact: RecordingIngested, failure: Failure) -> RecordingRejected:
    """What is said about a recording whose analysis was given up."""
    error = failure.error
    reason, detail = (
        RejectionReason.ANALYSIS_FAILED,
        (f"the analysis failed {failure.attempts} times ({error.code}); submit the answer again"),
    )
    if isinstance(error, Rejected):
        reason, detail = error.reason, error.message
    elif isinstance(error, DeadlineExceeded):
        reason = RejectionReason.TIMEOUT
        detail = "the analysis took longer than it may; submit a shorter recording or try again later"
    return RecordingRejected(
        interview_id=fact.interview_id, answer_id=fact.answer_id, reason=reason, detail=detail
    )
