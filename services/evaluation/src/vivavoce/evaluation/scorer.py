"""Scores one answer: reads its transcript, passes the gate, asks the judge."""

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.model_calls import model_call
from vivavoce.contracts import (
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    PipelineProgress,
    ScoreGenerated,
    Stage,
    SubmittedAnswer,
    Transcript,
)
from vivavoce.evaluation.gate import Limits, why_not
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.ledger import Ledger
from vivavoce.evaluation.ports import Judge, Publisher, Transcripts
from vivavoce.evaluation.scoring import find_answer, judged


class Scorer:
    """Everything that happens to an answer outside a transaction."""

    def __init__(
        self, judge: Judge, transcripts: Transcripts, publisher: Publisher, ledger: Ledger, limits: Limits
    ) -> None:
        self._judge = judge
        self._transcripts = transcripts
        self._publisher = publisher
        self._ledger = ledger
        self._limits = limits

    async def score(
        self, submission: InterviewSubmitted, features: MediaFeatures, context: Context
    ) -> ScoreGenerated | None:
        """The score of an answer; None when the interview doesn't list it.

        Raises what reading the transcript or judging raises.
        """
        answer = find_answer(submission, features.answer_id)
        if answer is None:
            return None
        await self._tell(features, Stage.SCORING, 0.0, context)
        transcript = await self._transcripts.read(features.transcript) if features.transcript else None
        reason = why_not(features, transcript, self._limits)
        judgement = await self._judgement(submission, answer, transcript, reason)
        score = judged(submission.interview_id, answer, features, transcript, judgement, self._ledger.stamp())
        await self._tell(features, Stage.ENDED, 1.0, context)
        return score

    def give_up(self, submission: InterviewSubmitted, features: MediaFeatures) -> ScoreGenerated | None:
        """The null score of an answer that can't be judged, with what was measured in it."""
        answer = find_answer(submission, features.answer_id)
        if answer is None:
            return None
        nothing = Judgement(overall=None, reason=NullReason.UNAVAILABLE)
        return judged(submission.interview_id, answer, features, None, nothing, self._ledger.stamp())

    async def _judgement(
        self,
        submission: InterviewSubmitted,
        answer: SubmittedAnswer,
        transcript: Transcript | None,
        reason: NullReason | None,
    ) -> Judgement:
        if transcript is None or reason is not None:
            return Judgement(overall=None, reason=reason or NullReason.UNAVAILABLE)
        task = Task(
            question=answer.question_text,
            competencies=submission.position.competencies,
            transcript=transcript,
            masked_terms=submission.masked_terms,
        )
        with model_call("judge", self._judge.name, "+".join(sorted(self._judge.models)) or "none"):
            return await self._judge.judge(task)

    async def _tell(self, features: MediaFeatures, stage: Stage, share: float, context: Context) -> None:
        progress = PipelineProgress(
            interview_id=features.interview_id, answer_id=features.answer_id, stage=stage, share=share
        )
        await self._publisher.publish_now(progress, context)
