"""Sentences keep their place in the text, and judges don't see what they must not."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.evaluation.text import MAX_WORDS, count_phrases, occurrences, split_sentences


@given(st.text(alphabet="ab .!?,'\nİß9", max_size=200))
def test_every_sentence_stands_in_the_text_in_order(text: str) -> None:
    sentences = split_sentences(text)
    spans = [sentence.span for sentence in sentences]
    assert spans == sorted(spans, key=lambda span: span.start)
    assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_sentences_end_at_their_marks() -> None:
    sentences = split_sentences("We shipped 3.5 million units. Was it late? No!")
    assert [sentence.text for sentence in sentences] == [
        "We shipped 3.5 million units.",
        "Was it late?",
        "No!",
    ]


def test_speech_without_a_full_stop_is_cut() -> None:
    sentences = split_sentences("and then we went on " * 30)
    assert max(len(sentence.words) for sentence in sentences) <= MAX_WORDS
    assert sum(len(sentence.words) for sentence in sentences) == 150 - 30 + 30


def test_a_stammered_word_counts_once() -> None:
    (sentence,) = split_sentences("I I I went went home.")
    assert sentence.tokens == ("i", "went", "home")


def test_articles_don_t_count() -> None:
    (sentence,) = split_sentences("The team had a plan.")
    assert sentence.tokens == ("team", "had", "plan")


def test_masked_terms_are_not_among_the_words() -> None:
    (sentence,) = split_sentences("I am Ayşe Yilmaz from Ankara.", ("Ayşe", "Yılmaz"))
    assert sentence.tokens == ("i", "am", "from", "ankara")


def test_phrases_are_counted_once_each_or_every_time() -> None:
    said = ("kind", "of", "a", "kind", "of")
    assert count_phrases(said, (("kind", "of"), ("sort", "of"))) == 1
    assert occurrences(said, (("kind", "of"), ("sort", "of"))) == 2
