"""What the other services would say about one submitted answer, with its real ids."""

from dataclasses import dataclass
from typing import Any

from tests.support import facts
from tests.support.gateway import ACME
from vivavoce.chassis.store import ObjectStore
from vivavoce.contracts import (
    AnswerOutcome,
    ClaimCheck,
    IntegrityReported,
    InterviewCompleted,
    InterviewStatus,
    MediaFeatures,
    PipelineProgress,
    ProctoringFeatures,
    RecordingRejected,
    ScoreGenerated,
    Stage,
    Transcript,
    ids,
)

SAID = "We cut the queue from two hours to ten minutes."


@dataclass(frozen=True)
class AnswerFacts:
    """The facts of one answer of one submission."""

    organization: str = ACME
    request_id: str = "req-1"
    question_id: str = "q1"
    video: str = "video-1"

    @property
    def interview_id(self) -> str:
        """The interviewRecordId."""
        return ids.interview_id(self.organization, self.request_id)

    @property
    def answer_id(self) -> str:
        """The pipelineId."""
        return ids.answer_id(self.organization, self.request_id, self.question_id)

    def features(self, transcript: ClaimCheck | None = None, **changes: Any) -> MediaFeatures:
        """Measured."""
        return facts.features().model_copy(update={**self._ids, "transcript": transcript, **changes})

    def rejected(self, **changes: Any) -> RecordingRejected:
        """Can't be used."""
        return facts.rejected().model_copy(update={**self._ids, **changes})

    def proctored(self, **changes: Any) -> ProctoringFeatures:
        """Ended for proctoring."""
        return facts.proctored().model_copy(update={**self._ids, **changes})

    def scored(self, **changes: Any) -> ScoreGenerated:
        """Scored."""
        names = {"question_id": self.question_id, "video_response_id": self.video}
        return facts.scored().model_copy(update={**self._ids, **names, **changes})

    def unscored(self, reason: Any) -> ScoreGenerated:
        """Settled that it can't be scored."""
        nothing: dict[str, Any] = {
            "overall": None,
            "criteria": (),
            "competencies": (),
            "voice": (),
            "face": (),
        }
        return self.scored(reason=reason, confidence=None, feedback="", **nothing)

    def progress(self, stage: Stage, share: float) -> PipelineProgress:
        """How far it has come."""
        return PipelineProgress(**self._ids, stage=stage, share=share)

    def reported(self) -> IntegrityReported:
        """The interview's integrity report."""
        return facts.reported().model_copy(update={"interview_id": self.interview_id})

    def completed(self, overall: float | None = 78.5, reason: Any = None) -> InterviewCompleted:
        """The interview's end, when this is its only answer."""
        outcome = AnswerOutcome(
            answer_id=self.answer_id,
            question_id=self.question_id,
            video_response_id=self.video,
            overall=overall,
            reason=reason,
        )
        status = InterviewStatus.COMPLETED if overall is not None else InterviewStatus.FAILED
        changes = {
            "interview_id": self.interview_id,
            "answers": (outcome,),
            "overall": overall,
            "status": status,
        }
        return facts.completed().model_copy(update=changes)

    @property
    def _ids(self) -> dict[str, str]:
        return {"interview_id": self.interview_id, "answer_id": self.answer_id}


async def put_transcript(store: ObjectStore, text: str = SAID) -> ClaimCheck:
    """A stored transcript."""
    document = Transcript(text=text, language="en").model_dump_json().encode()
    return await store.put("analyses/transcript.json", document, "application/json")
