"""The composition root of the evaluation service."""

from datetime import timedelta

from vivavoce.chassis.broker import Broker, Publisher, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import ObjectStore, open_store
from vivavoce.chassis.uow import Database
from vivavoce.contracts import Versions
from vivavoce.evaluation.adapters.local_judge import LocalJudge
from vivavoce.evaluation.adapters.minilm_embedder import MiniLmEmbedder, MiniLmFiles
from vivavoce.evaluation.adapters.scripted import ScriptedJudge
from vivavoce.evaluation.adapters.stored_transcripts import StoredTranscripts
from vivavoce.evaluation.caretaker import Caretaker
from vivavoce.evaluation.formulas import FORMULAS_VERSION
from vivavoce.evaluation.handlers import Handlers
from vivavoce.evaluation.interview import INDEXES, Interview
from vivavoce.evaluation.ledger import Ledger
from vivavoce.evaluation.ports import Judge
from vivavoce.evaluation.rubric import RUBRIC_VERSION
from vivavoce.evaluation.scorer import Scorer
from vivavoce.evaluation.settings import EvaluationSettings, JudgeKind
from vivavoce.evaluation.subscriptions import subscriptions


def make_judge(settings: EvaluationSettings) -> Judge:
    """The judge that the settings name; raises ModelMissing when its model isn't there."""
    if settings.evaluation_judge is JudgeKind.SCRIPTED:
        return ScriptedJudge()
    files = MiniLmFiles.found(settings.embedding_model, settings.embedding_tokenizer)
    return LocalJudge(lambda: MiniLmEmbedder(files), files.versions())


def versions_of(judge: Judge) -> Versions:
    """What this build judges with, as every score carries it."""
    return Versions(judge=judge.name, rubric=RUBRIC_VERSION, formulas=FORMULAS_VERSION, models=judge.models)


class Parts:
    """The service's rooms over whatever it stands on; tests give it twins."""

    def __init__(
        self,
        settings: EvaluationSettings,
        database: Database,
        store: ObjectStore,
        publisher: Publisher,
        judge: Judge,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._clock = clock
        interviews = database.collection("interviews", Interview, INDEXES)
        ledger = Ledger(interviews, clock, versions_of(judge))
        scorer = Scorer(judge, StoredTranscripts(store), publisher, ledger, settings.limits())
        self.handlers = Handlers(ledger, scorer, timedelta(seconds=settings.interview_deadline))
        interval = timedelta(seconds=settings.caretaker_interval)
        self.caretaker = Caretaker(database, interviews, ledger, scorer, clock, interval)

    def service(self, broker: Broker) -> Service:
        """The process that these parts make, on a broker."""
        return Service(
            settings=self._settings,
            database=self._database,
            broker=broker,
            groups=subscriptions(self.handlers),
            background=(self.caretaker.run_forever,),
            checks={"store": self._store.ping},
            breakers=self._store.breakers,
            clock=self._clock,
        )


def build(settings: EvaluationSettings) -> Service:
    """Wire the service; connects to nothing yet."""
    clock = SystemClock()
    database = MongoDatabase(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        source=source_of(settings.service_name),
        clock=clock,
    )
    store = open_store(settings, clock)
    broker = make_broker(settings)
    publisher = Publisher(broker, service_name=settings.service_name, clock=clock)
    return Parts(settings, database, store, publisher, make_judge(settings), clock).service(broker)
