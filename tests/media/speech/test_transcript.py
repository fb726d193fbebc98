"""Words are put together so that the text is exactly its words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.passages import tokens
from vivavoce.media.transcript import Token, assemble, build_words, is_filler, mean_confidence

recognized = st.lists(
    st.builds(
        Token,
        text=st.text(alphabet=" ab'-.,é", max_size=6),
        start=st.floats(0, 100),
        end=st.floats(0, 100),
        probability=st.floats(-0.01, 1.01),
    ),
    max_size=20,
)


def test_a_piece_without_a_leading_space_continues_the_word_before_it() -> None:
    pieces = (Token(" well", 0.0, 0.2, 0.9), Token("-known", 0.2, 0.5, 0.7), Token(" fact.", 0.6, 0.9, 0.8))
    words = build_words(pieces)
    assert [(word.text, word.start, word.end, word.probability) for word in words] == [
        ("well-known", 0.0, 0.5, 0.7),
        ("fact.", 0.6, 0.9, 0.8),
    ]


@given(recognized)
def test_the_text_splits_into_its_words_and_times_never_run_backwards(pieces: list[Token]) -> None:
    words = build_words(pieces)
    transcript = assemble(words, "en")
    assert transcript.text.split() == [word.text for word in words]
    assert all(word.start <= word.end for word in words)
    assert all(before.start <= after.start for before, after in pairwise(words))


@pytest.mark.parametrize("text", ["um", "Um,", "uh...", "Hmm.", "“Er”"])
def test_hesitations_are_fillers(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize("text", ["umbrella", "like", "her", "a", "human", ""])
def test_other_words_are_no_fillers(text: str) -> None:
    assert not is_filler(text)


def test_fillers_are_marked_on_the_words() -> None:
    assert [word.filler for word in build_words(tokens("Um, so we, uh, waited"))] == [1, 0, 0, 1, 0]


def test_confidence_is_the_mean_over_the_words_and_null_without_any() -> None:
    words = build_words((*tokens("yes", 0.9), *tokens("no", 0.5)))
    assert mean_confidence(words) == pytest.approx(0.7)
    assert mean_confidence(()) is None
