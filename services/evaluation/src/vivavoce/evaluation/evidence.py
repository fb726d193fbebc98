"""Evidence: quotes that stand word for word in the transcript, with the times of their words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vivavoce.contracts import Evidence, Transcript
from vivavoce.evaluation.text import Span


@dataclass(frozen=True)
class TimedSpan:
    """Where a recognized word stands in the text, and when it was said, in seconds."""

    span: Span
    start: float
    end: float


def align(transcript: Transcript) -> tuple[TimedSpan, ...]:
    """Find each recognized word in the text, in order; a word that isn't there is left out."""
    text = transcript.text
    found: list[TimedSpan] = []
    place = 0
    for word in transcript.words:
        said = word.text.strip()
        start = text.find(said, place) if said else -1
        if start < 0:
            continue
        place = start + len(said)
        found.append(TimedSpan(Span(start, place), word.start, word.end))
    return tuple(found)


def quote(transcript: Transcript, aligned: Sequence[TimedSpan], span: Span) -> Evidence:
    """The text of a span, with the times of its first and last word where they are known."""
    inside = [one for one in aligned if one.span.start < span.end and one.span.end > span.start]
    return Evidence(
        quote=transcript.text[span.start : span.end],
        start=inside[0].start if inside else None,
        end=inside[-1].end if inside else None,
    )


def quotes(
    transcript: Transcript, aligned: Sequence[TimedSpan], spans: Iterable[Span]
) -> tuple[Evidence, ...]:
    """The evidence of several spans, in the order of the transcript."""
    ordered = sorted(set(spans), key=lambda span: span.start)
    return tuple(quote(transcript, aligned, span) for span in ordered)
