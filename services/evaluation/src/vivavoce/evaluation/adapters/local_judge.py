"""The judge that needs no account and no network: rules over text, and a small model of meaning."""

from collections.abc import Callable
from functools import cached_property
from threading import Lock

from vivavoce.chassis.offload import in_thread
from vivavoce.evaluation.bank import Bank, bank_texts, make_bank
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.judging import judge_answer
from vivavoce.evaluation.ports import Embedder

LOCAL_JUDGE = "local-2"


class LocalJudge:
    """Judges in a thread, one answer at a time. The model is opened when the first answer comes."""

    def __init__(self, open_embedder: Callable[[], Embedder], models: dict[str, str]) -> None:
        self._open_embedder = open_embedder
        self._models = models
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The judge's name and version."""
        return LOCAL_JUDGE

    @property
    def models(self) -> dict[str, str]:
        """The model of meaning, with its version."""
        return dict(self._models)

    async def judge(self, task: Task) -> Judgement:
        """Judge one answer by the rubric."""
        return await in_thread(self._judge, task)

    def _judge(self, task: Task) -> Judgement:
        with self._lock:
            return judge_answer(task, self._embedder, self._bank)

    @cached_property
    def _embedder(self) -> Embedder:
        return self._open_embedder()

    @cached_property
    def _bank(self) -> Bank:
        return make_bank(self._embedder.embed(bank_texts()))
