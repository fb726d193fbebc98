"""Words that were not said never reach a transcript."""

import tracemalloc

import pytest

from tests.support.passages import passage, tokens, words
from vivavoce.contracts import NullReason
from vivavoce.media.belief import doubtful_runs, is_doubtful, is_echo, is_loop, is_nothing, wordless
from vivavoce.media.reading import read
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import total

SETTINGS = SpeechSettings()
STORY = "I led a team of six engineers who were building a payment platform"

LONG_STORY = (
    f"{STORY} for small shops and we wrote down every step of a release before we automated the slowest"
)


def test_clear_words_become_the_transcript() -> None:
    reading = read([passage(STORY)], "en", SETTINGS)
    assert reading.transcript is not None
    assert (reading.transcript.text, reading.transcript.language) == (STORY, "en")
    assert reading.reason is None
    assert total(reading.heard) == pytest.approx(total(passage(STORY).spans))


def test_fluent_but_improbable_words_are_not_given() -> None:
    foreign = passage(STORY, probability=0.42, log_probability=-0.96)
    reading = read([foreign], "en", SETTINGS)
    assert (reading.transcript, reading.reason) == (None, NullReason.LOW_ASR_CONFIDENCE)


def test_improbable_tokens_are_doubted_even_where_words_look_probable() -> None:
    assert is_doubtful(passage(STORY, probability=0.63, log_probability=-0.68), SETTINGS)
    assert not is_doubtful(passage(STORY, probability=0.6, log_probability=-0.43), SETTINGS)


def test_a_loop_is_doubted_however_sure_the_recognizer_is() -> None:
    stuck = passage("and then we " * 30, probability=0.99, log_probability=-0.01)
    assert is_loop(stuck, SETTINGS.max_compression)
    assert is_doubtful(stuck, SETTINGS)


def test_far_too_few_words_for_the_time_are_doubted() -> None:
    assert is_doubtful(passage("Thank you.", seconds=20.0), SETTINGS)
    assert not is_doubtful(passage("Thank you.", seconds=1.0), SETTINGS)


def test_the_prompt_said_back_is_nothing() -> None:
    prompt = "Um, so, like, hmm, you know."
    assert is_echo(passage("so like, hmm. You"), prompt)
    assert not is_echo(passage("Um, so I waited"), prompt)
    assert not is_echo(passage("Um, so I waited"), "")


def test_words_put_to_a_sound_that_is_hardly_speech_are_nothing() -> None:
    assert is_nothing(passage("you", probability=0.3, no_speech=0.8), SETTINGS.prompt)
    assert not is_nothing(passage("you", probability=0.9, no_speech=0.8), SETTINGS.prompt)
    assert is_nothing(passage((), no_speech=0.9), SETTINGS.prompt)


def test_nothing_said_is_an_empty_transcript_and_not_an_unknown_one() -> None:
    reading = read([passage((), no_speech=0.9)], "en", SETTINGS)
    assert reading.transcript is not None
    assert (reading.transcript.text, reading.transcript.language) == ("", None)
    assert reading.reason is NullReason.INSUFFICIENT_SPEECH


def test_a_language_that_is_not_accepted_is_refused() -> None:
    reading = read([passage(STORY)], "tr", SETTINGS)
    assert (reading.transcript, reading.reason) == (None, NullReason.UNSUPPORTED_LANGUAGE)


def test_hesitation_alone_is_too_little_to_judge_but_is_written_down() -> None:
    reading = read([passage("Um, uh, yes. Um.")], "en", SETTINGS)
    assert reading.reason is NullReason.INSUFFICIENT_SPEECH
    assert reading.transcript is not None
    assert reading.transcript.text == "Um, uh, yes. Um."


def test_a_short_foreign_part_is_left_out_and_the_rest_is_kept() -> None:
    foreign = passage("nel meo ultimo lavoro", probability=0.4, log_probability=-0.9, start=30.0)
    reading = read([passage(STORY), foreign], "en", SETTINGS)
    assert reading.transcript is not None
    assert reading.transcript.text == STORY
    assert max(span.end for span in reading.heard) < foreign.spans[0].start


def test_a_change_of_language_inside_a_passage_is_noticed() -> None:
    foreign = "sankar even kuzu duke andler isin bur erdeem"
    reading = read([passage((*tokens(LONG_STORY), *tokens(foreign, 0.4)))], "en", SETTINGS)
    assert reading.transcript is not None
    assert reading.transcript.text == LONG_STORY


def test_too_much_left_out_leaves_no_transcript() -> None:
    foreign = passage(STORY, probability=0.4, log_probability=-0.9, start=30.0)
    reading = read([passage(STORY), foreign], "en", SETTINGS)
    assert (reading.transcript, reading.reason) == (None, NullReason.LOW_ASR_CONFIDENCE)


def test_one_unclear_name_between_clear_words_is_kept() -> None:
    said = (*words("I worked with"), *words("Xqzt", 0.05), *words("for a whole year there"))
    assert doubtful_runs(said, SETTINGS.min_local_confidence) == ()


def test_clear_words_beside_unclear_ones_are_kept() -> None:
    said = (
        *words("one two three four five six"),
        *words("a b c d e f g h", 0.3),
        *words("seven eight nine ten eleven twelve"),
    )
    assert doubtful_runs(said, SETTINGS.min_local_confidence) == (range(6, 14),)


def test_a_lucky_word_at_the_end_of_unclear_ones_is_dropped_with_them() -> None:
    said = (*words("one two three four five six"), *words("a b c d e f g h", 0.3), *words("be"))
    assert doubtful_runs(said, SETTINGS.min_local_confidence) == (range(6, 15),)


def test_sound_that_got_no_words_is_found_and_not_heard() -> None:
    said = passage(STORY, seconds=10.0)
    assert total(wordless(said)) == pytest.approx(10.0 - 13 * 0.32, abs=0.1)
    assert total(read([said, passage(LONG_STORY, start=20.0)], "en", SETTINGS).heard) < 14.0


def test_a_passage_late_in_a_long_recording_costs_no_more_than_an_early_one() -> None:
    late = passage(STORY, start=24 * 3600.0, seconds=10.0)
    tracemalloc.start()
    found = wordless(late)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total(found) == pytest.approx(10.0 - 13 * 0.32, abs=0.1)
    assert most < 100_000


def test_a_pause_between_words_is_no_sound_without_words() -> None:
    assert wordless(passage(STORY, seconds=6.0)) == ()


def test_words_heard_at_a_second_try_take_their_place_in_time() -> None:
    reading = read([passage("we waited", start=5.0), passage("So there", start=1.0)], "en", SETTINGS)
    assert reading.transcript is not None
    assert reading.transcript.text == "So there we waited"
