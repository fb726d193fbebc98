"""Whether a text is in the one language that the local judge understands."""

from vivavoce.evaluation.lexicon import FUNCTION_WORDS
from vivavoce.evaluation.text import every_word

LEAST_WORDS = 4
LEAST_SHARE = 0.2


def is_english(text: str) -> bool:
    """Whether at least a fifth of the words are English words of grammar.

    A text of fewer than four words is taken for English when it is written in plain letters.
    """
    said = every_word(text)
    if len(said) < LEAST_WORDS:
        return bool(said) and text.isascii()
    return sum(token in FUNCTION_WORDS for token in said) / len(said) >= LEAST_SHARE
