"""What each criterion rewards, and what it doesn't."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.interview_answers import EVERY_SET, Answers
from tests.support.judging import reading
from vivavoce.contracts.hedges import HEDGES, count_hedges
from vivavoce.evaluation.depth import depth
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.specificity import NOTHING_CONCRETE, details, specificity
from vivavoce.evaluation.structure import structure
from vivavoce.evaluation.text import split_sentences
from vivavoce.evaluation.wording import hedges, wording

CRITERIA = (structure, specificity, depth, wording)
NAMES = [criterion.__name__ for criterion in CRITERIA]


@pytest.mark.parametrize(
    "criterion", [structure, specificity, depth], ids=["structure", "specificity", "depth"]
)
@pytest.mark.parametrize("answers", EVERY_SET, ids=lambda one: one.question[:30])
def test_a_good_answer_has_more_of_it_than_a_vague_one(
    answers: Answers, criterion: Callable[[Reading], Finding]
) -> None:
    assert criterion(reading(answers.good)).score > criterion(reading(answers.vague)).score


@pytest.mark.parametrize("criterion", CRITERIA, ids=NAMES)
@given(text=st.text(alphabet="abcI wenthad2. because,", max_size=200))
def test_scores_lie_between_0_and_100_and_quotes_in_the_text(
    criterion: Callable[[Reading], Finding], text: str
) -> None:
    found = criterion(reading(text))
    assert 0 <= found.score <= 100.001
    assert all(0 <= quote.start < quote.end <= len(text) for quote in found.quotes)
    assert found.explanation


@pytest.mark.parametrize("criterion", CRITERIA, ids=NAMES)
def test_silence_is_not_an_error(criterion: Callable[[Reading], Finding]) -> None:
    assert criterion(reading("")).score == 0


def test_a_story_names_its_missing_parts() -> None:
    found = structure(reading("Last year our build was slow. I rewrote the cache and split the tests."))
    assert "what you did" in found.explanation
    assert "Not heard: the task, the result" in found.explanation


def test_an_explanation_needs_no_story() -> None:
    text = (
        "Caching means that you keep a result close to its use, because computing it again is slow. "
        "For example, a browser keeps pictures of a page that you visit. However, the copy may be old, and "
        "then people see yesterday's prices and are surprised at the till when they come to pay."
    )
    assert structure(reading(text)).score == 100


def test_details_are_numbers_names_times_and_own_actions() -> None:
    (sentence,) = split_sentences("Last year I quickly rewrote the Kafka consumer in 12 days.")
    found = details(sentence)
    assert (found.numbers, found.names, found.actions) == (("12",), ("kafka",), ("rewrote",))
    assert set(found.times) == {"year", "days"}


def test_a_state_is_no_own_action() -> None:
    (sentence,) = split_sentences("I wanted it and I was tired.")
    assert details(sentence).actions == ()


def test_what_others_did_is_no_own_action() -> None:
    (sentence,) = split_sentences("They rewrote everything.")
    assert details(sentence).actions == ()


def test_a_heap_of_connectives_in_one_sentence_gains_little() -> None:
    heap = "Because therefore so that but however although if unless as a result I learned that we had it."
    spread = (
        "We cached it because reads were slow. I chose a short lifetime, but prices still went stale. "
        "If an editor saved one, we deleted the key. I learned to measure first."
    )
    assert depth(reading(spread)).score > depth(reading(heap)).score + 15


def test_hedges_and_fillers_cost_points_of_wording_only_beyond_ordinary_speech() -> None:
    plain = "We moved the job to the night and it finished before six in the morning every single time."
    hedged = "Um, maybe we sort of moved the job, I guess, and, uh, you know, perhaps it kind of finished."
    assert wording(reading(plain)).score == 100
    assert wording(reading(hedged)).score < 20


def test_a_hedge_is_no_filler_too() -> None:
    text = "It was kind of slow and we sort of moved it or something like that and things like that."
    assert wording(reading(text)).explanation == "Heard 2 hedging words and 2 fillers in 19 words."


@pytest.mark.parametrize("hedge", [" ".join(words) for words in sorted(HEDGES)])
def test_every_hedge_of_the_voice_is_one_for_the_judge_and_counts_once(hedge: str) -> None:
    assert "Heard 1 hedging word and no fillers" in wording(reading(f"So we {hedge} moved it.")).explanation


def test_a_hesitation_inside_a_hedge_hides_it_neither_here_nor_there() -> None:
    (sentence,) = split_sentences("I, um, guess it was a bit slow, and I'm not sure why.")
    said = ("i", "guess", "it", "was", "a", "bit", "slow", "and", "i'm", "not", "sure", "why")
    assert hedges(sentence) == count_hedges(said) == 3


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        ("It went well.", NOTHING_CONCRETE),
        (
            "It is always good.",
            f"{NOTHING_CONCRETE} Heard 1 general statement.",
        ),
        ("We had Kafka.", "Heard 1 number, name or time."),
        (
            "Last year I rewrote Kafka and I moved Redis.",
            "Heard 3 different numbers, names or times and 2 different things that you did.",
        ),
    ],
)
def test_specificity_lists_only_what_was_heard(text: str, explanation: str) -> None:
    assert specificity(reading(text)).explanation == explanation


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("It was.", "; no different content words."),
        ("It was slow.", "; 1 content word."),
        ("It was slow and broken.", "; 2 different content words."),
    ],
)
def test_depth_counts_content_words_in_proper_english(text: str, ending: str) -> None:
    assert depth(reading(text)).explanation.endswith(ending)
