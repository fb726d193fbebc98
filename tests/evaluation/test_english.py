"""Which questions the judge can compare an answer with."""

import pytest

from vivavoce.evaluation.relevance import can_be_judged


@pytest.mark.parametrize(
    "question",
    [
        "Describe a difficult technical problem.",
        "Explain the caching layer.",
        "Python decorators?",
        "Tell me about a time you failed.",
    ],
)
def test_a_short_english_question_is_compared(question: str) -> None:
    assert can_be_judged(question)


@pytest.mark.parametrize(
    "question",
    ["Zor bir teknik problemi anlatın.", "Beschreiben Sie ein schwieriges Problem.", "Warum?", ""],
)
def test_a_foreign_question_and_one_that_says_nothing_are_not(question: str) -> None:
    assert not can_be_judged(question)
