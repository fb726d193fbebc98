"""Small builders for tests of the local judge."""

from collections.abc import Sequence

import numpy as np

from tests.support.interview_answers import Answers
from tests.support.word_embedder import WordEmbedder
from vivavoce.contracts import Competency, CriterionScore, Transcript, Word
from vivavoce.evaluation.bank import bank_texts, make_bank
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.judging import judge_answer
from vivavoce.evaluation.masking import neutral
from vivavoce.evaluation.ports import Embedder
from vivavoce.evaluation.reading import Reading, read
from vivavoce.evaluation.relevance import fit, understand
from vivavoce.evaluation.text import split_sentences
from vivavoce.evaluation.vectors import Vectors

SECONDS_PER_WORD = 0.4
QUESTION = "Tell me about a service that you made faster."
WORDS_ONLY = WordEmbedder()


def reading(text: str, question: str = QUESTION) -> Reading:
    """A text as the judge reads it."""
    return read(split_sentences(text), question)


def spoken(text: str, *, language: str | None = "en", probability: float = 0.9) -> Transcript:
    """A transcript of the text, one word every 0.4 s."""
    words = [
        Word(
            text=word,
            start=round(place * SECONDS_PER_WORD, 2),
            end=round((place + 1) * SECONDS_PER_WORD, 2),
            probability=probability,
        )
        for place, word in enumerate(text.split())
    ]
    return Transcript(text=" ".join(text.split()), language=language, words=tuple(words))


def competencies(*names: str) -> tuple[Competency, ...]:
    """Competencies of equal weight."""
    return tuple(Competency(name=name, weight=1 / len(names)) for name in names)


def task(
    text: str,
    question: str = QUESTION,
    names: Sequence[str] = ("Problem solving",),
    masked: Sequence[str] = (),
) -> Task:
    """An answer to judge."""
    return Task(
        question=question,
        competencies=competencies(*names) if names else (),
        transcript=spoken(text),
        masked_terms=tuple(masked),
    )


class Remembering:
    """An embedder that asks another one for each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows: dict[str, Vectors] = {}

    @property
    def models(self) -> dict[str, str]:
        """The other one's."""
        return self._embedder.models

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The rows of the texts."""
        for text in texts:
            if text not in self._rows:
                self._rows[text] = self._embedder.embed([text])[0]
        return np.stack([self._rows[text] for text in texts]) if texts else self._embedder.embed(texts)


class Bench:
    """A local judge over a model of meaning, which judges in place and remembers what it judged."""

    def __init__(self, embedder: Embedder) -> None:
        self.model = embedder
        self.embedder = Remembering(embedder)
        self.bank = make_bank(self.embedder.embed(bank_texts()))
        self._judged: dict[Task, Judgement] = {}

    def judge(self, of: Task) -> Judgement:
        """The judgement of a task."""
        if of not in self._judged:
            self._judged[of] = judge_answer(of, self.embedder, self.bank)
        return self._judged[of]

    def total(self, answers: Answers, text: str, masked: Sequence[str] = ()) -> float:
        """The score of a text as an answer to a set's question."""
        overall = self.judge(task(text, answers.question, answers.competencies, masked)).overall
        assert overall is not None
        return overall

    def fit(self, question: str, answer: str) -> float:
        """How an answer fits a question in meaning."""
        asked = understand(self.embedder.embed([neutral(question)])[0], self.bank)
        found = reading(answer, question)
        rows = self.embedder.embed([neutral(sentence.text) for sentence in found.sentences])
        return fit(found, rows, asked, self.bank).value


def judge_by_words(of: Task) -> Judgement:
    """Judge without a model: meanings are words."""
    return judge_answer(of, WORDS_ONLY, make_bank(WORDS_ONLY.embed(bank_texts())))


def criterion(judgement: Judgement, name: str) -> CriterionScore:
    """One criterion of a judgement."""
    return next(one for one in judgement.criteria if one.name == name)


def area_under_curve(higher: Sequence[float], lower: Sequence[float]) -> float:
    """How often one of the first is above one of the second; ties count half."""
    wins = sum((one > other) + 0.5 * (one == other) for one in higher for other in lower)
    return wins / (len(higher) * len(lower))
