"""Structure: whether an answer leads somewhere, as a story or as an explanation."""

from collections.abc import Sequence

from vivavoce.evaluation import cues, lexicon
from vivavoce.evaluation.actions import has_own_action
from vivavoce.evaluation.reading import Finding, Reading
from vivavoce.evaluation.text import Phrase, Sentence, has_any

STORY = (
    ("the situation", cues.SITUATION_CUES),
    ("the task", cues.TASK_CUES),
    ("what you did", ()),
    ("the result", cues.RESULT_CUES),
)
EXPLANATION = (
    ("what it is or how it goes", cues.DEFINITION_CUES + cues.STEP_CUES),
    ("why", lexicon.CAUSES + lexicon.PURPOSES),
    ("an example", cues.EXAMPLE_CUES),
    ("its limits", cues.LIMIT_CUES),
)
ACTION = "what you did"
ACTION_SHARE = 0.4
"""Of a story's points, what you did counts this much; the other three parts share the rest."""


def structure(reading: Reading) -> Finding:
    """Score the better of two shapes, scaled by the answer's fullness.

    Story (after the STAR scheme: situation, task, action, result): 100 x (0.4 for own actions + 0.2 for
    each other part). Explanation: 100 x 0.25 for each of definition or steps, reason, example, limits.
    """
    story = _parts(reading, STORY)
    explanation = _parts(reading, EXPLANATION)
    told = _story_points(story)
    explained = 0.25 * len(explanation)
    shape, found, points = (
        ("a story", story, told) if told >= explained else ("an explanation", explanation, explained)
    )
    names = [name for name, _ in (STORY if found is story else EXPLANATION)]
    score = 100 * points * reading.fullness
    quotes = tuple(dict.fromkeys(sentence.span for sentence in found.values()))
    return Finding(score, _explain(shape, names, found), quotes)


def _parts(reading: Reading, parts: Sequence[tuple[str, tuple[Phrase, ...]]]) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for name, phrases in parts:
        shown = next((s for s in reading.counting if _shows(s, name, phrases)), None)
        if shown is not None:
            found[name] = shown
    return found


def _shows(sentence: Sentence, name: str, phrases: tuple[Phrase, ...]) -> bool:
    return has_own_action(sentence) if name == ACTION else has_any(sentence.tokens, phrases)


def _story_points(found: dict[str, Sentence]) -> float:
    if ACTION not in found:
        return 0.1 * len(found)
    return ACTION_SHARE + 0.2 * (len(found) - 1)


def _explain(shape: str, names: Sequence[str], found: dict[str, Sentence]) -> str:
    missing = [name for name in names if name not in found]
    if not found:
        return (
            "The answer has no recognizable order: no situation, action or result, no definition or example."
        )
    said = f"Told as {shape}; heard: {', '.join(found)}."
    return f"{said} Not heard: {', '.join(missing)}." if missing else said
