"""Specificity: numbers, names, times and own actions instead of generalities."""

from dataclasses import dataclass

from vivavoce.evaluation import lexicon
from vivavoce.evaluation.actions import own_actions
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.phrasing import counted, listed
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.text import Sentence, count_phrases

MOST_QUOTES = 3
NOTHING_CONCRETE = "No numbers, names or times, and nothing that you did yourself, were heard."


@dataclass(frozen=True)
class Details:
    """What is concrete in one sentence, and what is general."""

    sentence: Sentence
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    times: tuple[str, ...]
    actions: tuple[str, ...]
    generalities: int

    @property
    def facts(self) -> int:
        """How many numbers, names and times."""
        return len(self.numbers) + len(self.names) + len(self.times)


def specificity(reading: Reading) -> Finding:
    """100 x fullness x (0.4 F + 0.35 A + 0.25 V) x (1 - 0.5 G).

    F: share of sentences with a number, name or time (1 from 0.6); A: different own actions in all
    (1 from 5); V: different numbers, names and times in all (1 from 6); G: generalities per sentence
    (1 from 1.2).
    """
    found = [details(sentence) for sentence in reading.counting]
    if not found:
        return Finding(0.0, NOTHING_CONCRETE)
    facts = {fact for one in found for fact in (*one.numbers, *one.names, *one.times)}
    actions = {action for one in found for action in one.actions}
    share = sum(one.facts > 0 for one in found) / len(found)
    general = sum(one.generalities for one in found) / len(found)
    concrete = 0.4 * ramp(share, 0, 0.6) + 0.35 * ramp(len(actions), 0, 5) + 0.25 * ramp(len(facts), 0, 6)
    score = 100 * reading.fullness * concrete * (1 - 0.5 * ramp(general, 0.2, 1.2))
    ranked = sorted(found, key=lambda one: -(one.facts + len(one.actions)))
    quotes = tuple(one.sentence.span for one in ranked[:MOST_QUOTES] if one.facts or one.actions)
    return Finding(score, _explain(len(facts), len(actions), sum(o.generalities for o in found)), quotes)


def details(sentence: Sentence) -> Details:
    """Find what is concrete and what is general in a sentence."""
    said = sentence.tokens
    general = sum(token in lexicon.GENERALITIES for token in said)
    return Details(
        sentence=sentence,
        numbers=tuple(t for t in said if t in lexicon.NUMBER_WORDS or any(c.isdigit() for c in t)),
        names=_names(sentence),
        times=_times(said),
        actions=own_actions(sentence),
        generalities=general + count_phrases(said, lexicon.GENERALITY_PHRASES),
    )


def _names(sentence: Sentence) -> tuple[str, ...]:
    inner = sentence.words[1:]
    return tuple(
        word.lower()
        for word in inner
        if word[:1].isupper()
        and word.lower() not in {"i", "okay", "ok"}
        and not word.startswith(("I'", "I’"))
    )


def _times(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        token
        for place, token in enumerate(said)
        if token in lexicon.TIME_WORDS
        and lexicon.TIME_LEADS.intersection(said[max(0, place - 2) : place] + said[place + 1 : place + 2])
    )


def _explain(facts: int, actions: int, generalities: int) -> str:
    general = [counted(generalities, "general statement", "general statements")] if generalities else []
    if not facts and not actions:
        return f"{NOTHING_CONCRETE} Heard {listed(general)}." if general else NOTHING_CONCRETE
    heard = [counted(facts, "number, name or time", "different numbers, names or times")] if facts else []
    heard += [counted(actions, "thing that you did", "different things that you did")] if actions else []
    return f"Heard {listed(heard + general)}."
