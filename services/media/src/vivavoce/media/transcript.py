"""Words: how they are put together from what was recognized, and which of them are fillers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vivavoce.contracts.features import Transcript, Word

FILLERS = frozenset(
    {"ah", "eh", "er", "erm", "hm", "hmm", "mhm", "mm", "mmm", "uh", "uhh", "uhm", "um", "umm"}
)
EDGE_MARKS = " .,;:!?…\"'“”‘’()[]-–—"


@dataclass(frozen=True)
class Token:
    """A recognized piece of text; one that does not start with a space continues the piece before it."""

    text: str
    start: float
    end: float
    probability: float


def bare(word: str) -> str:
    """The word in small letters without the punctuation around it."""
    return word.strip(EDGE_MARKS).lower()


def is_filler(word: str) -> bool:
    """Whether the word only fills a hesitation, as "um" and "uh" do."""
    return bare(word) in FILLERS


def build_words(tokens: Iterable[Token]) -> tuple[Word, ...]:
    """Words with times that never run backwards; pieces without a leading space join the word before."""
    words: list[Word] = []
    for token in tokens:
        text = "".join(token.text.split())
        if not text:
            continue
        if words and not token.text[:1].isspace():
            words[-1] = _glue(words[-1], token, text)
        else:
            earliest = words[-1].start if words else 0.0
            words.append(_word(text, max(token.start, earliest), token.end, token.probability))
    return tuple(words)


def _word(text: str, start: float, end: float, probability: float) -> Word:
    return Word(
        text=text,
        start=round(start, 2),
        end=round(max(start, end), 2),
        probability=round(min(1.0, max(0.0, probability)), 4),
        filler=is_filler(text),
    )


def _glue(word: Word, token: Token, text: str) -> Word:
    probability = min(word.probability, token.probability)
    return _word(word.text + text, word.start, max(word.end, token.end), probability)


def assemble(words: Sequence[Word], language: str | None) -> Transcript:
    """The transcript: its text is its words with single spaces between them."""
    return Transcript(text=" ".join(word.text for word in words), language=language, words=tuple(words))


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Mean probability of the words, 0-1; null without words."""
    return sum(word.probability for word in words) / len(words) if words else None
