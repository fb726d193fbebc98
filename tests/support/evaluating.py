"""The evaluation service over twins in memory (or a given database), and facts about one interview."""

from datetime import timedelta

from tests.support.facts import features as some_features
from tests.support.facts import submitted as some_submission
from tests.support.handing import Hand, NoWait, envelope_of
from tests.support.judging import spoken
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.store import ObjectStore, make_store
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import Database
from vivavoce.contracts import (
    AnswerIntegrity,
    Fact,
    IntegrityReported,
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    PipelineProgress,
    RecordingRejected,
    RejectionReason,
    RiskBand,
    Versions,
)
from vivavoce.evaluation.adapters.scripted import ScriptedJudge
from vivavoce.evaluation.adapters.stored_transcripts import StoredTranscripts
from vivavoce.evaluation.caretaker import Caretaker
from vivavoce.evaluation.gate import Limits
from vivavoce.evaluation.handlers import Handlers
from vivavoce.evaluation.interview import INDEXES, Interview
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.ledger import Ledger
from vivavoce.evaluation.scorer import Scorer
from vivavoce.evaluation.subscriptions import subscriptions

FIRST, SECOND = "answer-1", "answer-2"
DEADLINE = timedelta(hours=2)
SAID = "We measured the slow service for three days and then removed the lock that all waited for."
INTERVIEW = some_submission().interview_id


class CountingJudge(ScriptedJudge):
    """The scripted judge, which counts its work and can be made to fail."""

    def __init__(self) -> None:
        self.judged: list[str] = []
        self.failure: Exception | None = None
        self.broken_once = False

    async def judge(self, task: Task) -> Judgement:
        """Judge, or fail as told."""
        if self.failure is not None:
            raise self.failure
        if self.broken_once:
            self.broken_once = False
            raise ZeroDivisionError("a fault of the judge")
        self.judged.append(task.transcript.text)
        return await super().judge(task)


class Ear:
    """Hears what is published at once."""

    def __init__(self) -> None:
        self.heard: list[PipelineProgress] = []

    async def publish_now(self, fact: Fact, context: Context) -> None:
        """Remember the fact."""
        assert isinstance(fact, PipelineProgress)
        assert context.organization_id
        self.heard.append(fact)


class Desk:
    """The service with its judge, its store and its clock."""

    def __init__(self, database: Database | None = None) -> None:
        self.clock = NoWait()
        self.database = database or MemoryDatabase(source="/vivavoce/evaluation", clock=self.clock)
        self.store: ObjectStore = make_store("memory:///")
        self.hand = Hand(self.database, self.clock)
        self.judge = CountingJudge()
        self.ear = Ear()
        interviews = self.database.collection("interviews", Interview, INDEXES)
        versions = Versions(judge=self.judge.name, rubric="r", formulas="f")
        ledger = Ledger(interviews, self.clock, versions)
        scorer = Scorer(self.judge, StoredTranscripts(self.store), self.ear, ledger, Limits())
        self.handlers = Handlers(ledger, scorer, DEADLINE)
        self.caretaker = Caretaker(
            self.database, interviews, ledger, scorer, self.clock, timedelta(seconds=5)
        )
        self.hand.subscribe(subscriptions(self.handlers))

    async def store_without_judging(self, features: MediaFeatures) -> None:
        """Conclude features whose submission was not seen while they were prepared."""
        envelope = envelope_of(features, "late")
        received = Received(envelope, features)
        await self.database.transact(
            Context.caused_by(envelope), lambda uow: self.handlers.conclude(received, None, uow)
        )

    async def features(
        self, answer_id: str, said: str | None = SAID, reason: NullReason | None = None
    ) -> MediaFeatures:
        """Features of an answer, with its transcript in the store."""
        claim = None
        if said is not None:
            data = spoken(said).model_dump_json().encode()
            claim = await self.store.put(f"{answer_id}.json", data, "application/json")
        changes = {"answer_id": answer_id, "transcript": claim, "transcript_reason": reason}
        return some_features().model_copy(update=changes)


def submission(*answer_ids: str) -> InterviewSubmitted:
    """An interview of these answers."""
    template = some_submission()
    answer = template.answers[0]
    listed = tuple(
        answer.model_copy(update={"answer_id": answer_id, "video_response_id": f"video-of-{answer_id}"})
        for answer_id in answer_ids
    )
    return template.model_copy(update={"answers": listed})


def rejection(answer_id: str) -> RecordingRejected:
    """A recording that can't be used."""
    return RecordingRejected(
        interview_id=INTERVIEW,
        answer_id=answer_id,
        reason=RejectionReason.NOT_MEDIA,
        detail="The file is a web page.",
    )


def integrity(*answer_ids: str, band: RiskBand = RiskBand.LOW) -> IntegrityReported:
    """The interview's integrity report."""
    lines = tuple(AnswerIntegrity(answer_id=one, band=band, event_count=0) for one in answer_ids)
    return IntegrityReported(interview_id=INTERVIEW, band=band, answers=lines, rules_version="1")
