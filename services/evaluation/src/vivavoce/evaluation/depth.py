"""Depth: reasons, consequences, alternatives and lessons, told with a vocabulary that has matter."""

from vivavoce.evaluation import lexicon
from vivavoce.evaluation.formulas import ramp
from vivavoce.evaluation.phrasing import counted
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.text import Sentence, has_any

KINDS = (
    ("causes", lexicon.CAUSES),
    ("purposes", lexicon.PURPOSES),
    ("contrasts", lexicon.CONTRASTS),
    ("consequences", lexicon.CONSEQUENCES),
    ("conditions", lexicon.CONDITIONS),
    ("lessons", lexicon.LESSONS),
)
ENOUGH_KINDS = 4
MOST_QUOTES = 3


def depth(reading: Reading) -> Finding:
    """100 x fullness x (0.4 K + 0.25 R + 0.35 M).

    K: kinds of reasoning heard, of six (1 from 4); R: share of sentences that reason (1 from 0.5);
    M: different content words (0 at 15, 1 from 50). One sentence shows at most two kinds, so that a
    heap of connectives in one place gains little.
    """
    shown = {sentence: _kinds(sentence) for sentence in reading.counting}
    kinds = list(dict.fromkeys(kind for found in shown.values() for kind in found[:2]))
    reasoning = [sentence for sentence, found in shown.items() if found]
    share = len(reasoning) / len(shown) if shown else 0.0
    matter = {t for s in shown for t in s.tokens if t not in lexicon.FUNCTION_WORDS | lexicon.FILLERS}
    points = 0.4 * ramp(len(kinds), 0, ENOUGH_KINDS) + 0.25 * ramp(share, 0, 0.5)
    score = 100 * reading.fullness * (points + 0.35 * ramp(len(matter), 15, 50))
    ranked = sorted(reasoning, key=lambda sentence: -len(shown[sentence]))
    return Finding(score, _explain(kinds, len(matter)), tuple(s.span for s in ranked[:MOST_QUOTES]))


def _kinds(sentence: Sentence) -> list[str]:
    return [name for name, phrases in KINDS if has_any(sentence.tokens, phrases)]


def _explain(kinds: list[str], matter: int) -> str:
    heard = ", ".join(kinds) if kinds else "no reasons or consequences"
    return f"Reasoning heard: {heard}; {counted(matter, 'content word', 'different content words')}."
