"""Telling whether a sentence says what the speaker did."""

from vivavoce.evaluation import lexicon
from vivavoce.evaluation.text import Sentence

SPEAKERS = frozenset({"i", "we"})


def has_own_action(sentence: Sentence) -> bool:
    """Whether "I" or "we" is followed, perhaps after an adverb, by something done in the past."""
    return bool(own_actions(sentence))


def own_actions(sentence: Sentence) -> tuple[str, ...]:
    """The verbs of what the speaker says they did, in order."""
    said = sentence.tokens
    verbs: list[str] = []
    for place, token in enumerate(said):
        if token in SPEAKERS:
            rest = [word for word in said[place + 1 : place + 4] if word not in lexicon.ADVERBS_BETWEEN]
            if rest and is_past_action(rest[0]):
                verbs.append(rest[0])
    return tuple(verbs)


def is_past_action(token: str) -> bool:
    """Whether a word is the past form of a verb of doing: regular (-ed) or on the list."""
    if token in lexicon.NO_ACTIONS:
        return False
    return token in lexicon.IRREGULAR_PASTS or (token.endswith("ed") and len(token) > 4)
