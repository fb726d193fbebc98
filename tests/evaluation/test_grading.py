"""Relevance measured on answers that others wrote and graded; skipped where they are absent."""

import json
import random
from typing import Any

from tests.support.judging import Bench, area_under_curve
from tests.support.shared import shared_path

SAMPLE = 60
ENOUGH_WORDS = 6


def sampled(collection: str) -> list[dict[str, Any]]:
    """Answers of a few words and more to questions of a few words and more."""
    path = shared_path("grading/semeval2013_train_3way.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    long = [
        row
        for row in rows
        if row["set"] == collection
        and len(row["answer"].split()) >= ENOUGH_WORDS
        and len(row["question"].split()) >= ENOUGH_WORDS
    ]
    return random.Random(7).sample(long, SAMPLE)


def test_an_answer_is_closer_to_its_own_question_than_to_another(bench: Bench) -> None:
    rows = sampled("sciEntsBank")
    turned = rows[1:] + rows[:1]
    own = [bench.fit(row["question"], row["answer"]) for row in rows]
    other = [
        bench.fit(another["question"], row["answer"])
        for row, another in zip(rows, turned, strict=True)
        if another["question"] != row["question"]
    ]
    assert area_under_curve(own, other) > 0.9


def test_relevance_does_not_pretend_to_know_what_is_correct(bench: Bench) -> None:
    rows = sampled("sciEntsBank")
    right = [bench.fit(row["question"], row["answer"]) for row in rows if row["label"] == "correct"]
    wrong = [bench.fit(row["question"], row["answer"]) for row in rows if row["label"] != "correct"]
    assert 0.4 < area_under_curve(right, wrong) < 0.75
