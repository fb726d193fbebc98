"""Quotes stand word for word in the transcript, with the times at which they were said."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.judging import judge_by_words, spoken, task
from vivavoce.contracts import Transcript, Word
from vivavoce.evaluation.evidence import align, quote, quotes
from vivavoce.evaluation.text import Span, split_sentences

TEXT = "Last year our service was slow. I measured it for three days. As a result we removed the lock."


def test_a_quote_has_the_times_of_its_words() -> None:
    transcript = spoken(TEXT)
    second = split_sentences(TEXT)[1]
    shown = quote(transcript, align(transcript), second.span)
    assert shown.quote == "I measured it for three days."
    assert shown.start == transcript.words[6].start
    assert shown.end == transcript.words[11].end


def test_words_that_are_not_in_the_text_leave_a_quote_without_times() -> None:
    transcript = Transcript(
        text="hello there", language="en", words=(Word(text="bye", start=0, end=1, probability=1),)
    )
    shown = quote(transcript, align(transcript), Span(0, 5))
    assert (shown.quote, shown.start, shown.end) == ("hello", None, None)


def test_quotes_come_in_the_order_of_speech_and_once() -> None:
    transcript = spoken(TEXT)
    spans = [sentence.span for sentence in split_sentences(TEXT)]
    shown = quotes(transcript, align(transcript), [spans[2], spans[0], spans[2]])
    assert [one.quote for one in shown] == [TEXT[span.start : span.end] for span in (spans[0], spans[2])]


@given(st.text(alphabet="abI led weor 3.!?,'’-İ", max_size=250))
def test_every_quote_of_a_judgement_occurs_in_the_transcript(text: str) -> None:
    transcript = spoken(text)
    judgement = judge_by_words(task(text))
    shown = [one for criterion in judgement.criteria for one in criterion.evidence]
    shown += [one for competency in judgement.competencies for one in competency.evidence]
    assert all(one.quote and one.quote in transcript.text for one in shown)
    assert all(one.start is None or one.end is None or one.start <= one.end for one in shown)
