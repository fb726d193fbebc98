"""The measure that the transcripts are held to."""

from tests.support.word_errors import word_error_rate


def test_digits_case_and_punctuation_are_no_errors() -> None:
    assert word_error_rate("One, two, three!", "1 TWO 3.") == 0
    assert word_error_rate("blue at x four", "Blue at X4.") == 0


def test_a_replaced_a_missing_and_an_added_word_each_count_once() -> None:
    assert word_error_rate("a b c d", "a x c d") == 0.25
    assert word_error_rate("a b c d", "a b d") == 0.25
    assert word_error_rate("a b c d", "a b c c d") == 0.25


def test_nothing_heard_is_all_wrong() -> None:
    assert word_error_rate("a b", "") == 1
