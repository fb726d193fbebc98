"""What a submission must be beyond its shape, and what is derived from it; pure."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vivavoce.chassis.errors import FieldProblem
from vivavoce.contracts import Competency
from vivavoce.gateway.records.schemas import Candidate, QuestionBody, Submission

SHORTEST_TERM = 2
PERCENT = 100.0
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Weighed:
    """Competencies whose weights sum to 1, and whether that needed to be said."""

    competencies: tuple[Competency, ...]
    warnings: tuple[str, ...]


def problems_of(submission: Submission, max_questions: int) -> tuple[FieldProblem, ...]:
    """What is wrong with a submission of the right shape."""
    questions = submission.interview.questions
    problems = list(_repeated_ids(questions))
    if len(questions) > max_questions:
        message = f"must have at most {max_questions} questions; there are {len(questions)}"
        problems.append(FieldProblem("interview.questions", message))
    if not any(weight > 0 for weight in submission.interview.position.competency_weights.values()):
        message = "must have at least one weight above 0"
        problems.append(FieldProblem("interview.position.competencyWeights", message))
    return tuple(problems)


def _repeated_ids(questions: Iterable[QuestionBody]) -> Iterable[FieldProblem]:
    first: dict[str, int] = {}
    for index, question in enumerate(questions):
        known = first.setdefault(question.id, index)
        if known != index:
            path = f"interview.questions.{index}.id"
            yield FieldProblem(path, f"repeats the id of interview.questions.{known}")


def weigh(weights: Mapping[str, float]) -> Weighed:
    """Competencies with weights that sum to 1, from weights of any positive sum.

    Sums of 1 and of 100 are what callers mean by shares and percents; any other is said.
    """
    largest = max(weights.values())
    scaled = {name: weight / largest for name, weight in weights.items()}
    total = math.fsum(scaled.values())
    competencies = tuple(
        Competency(name=name, weight=min(1.0, weight / total)) for name, weight in scaled.items()
    )
    given = total * largest
    usual = any(math.isclose(given, expected, rel_tol=TOLERANCE) for expected in (1.0, PERCENT))
    said = f"interview.position.competencyWeights sum to {given:g}, not to 1 or 100: taken as shares of it"
    return Weighed(competencies, () if usual else (said,))


def warnings_of(submission: Submission) -> tuple[str, ...]:
    """What is accepted but probably not meant."""
    ids = [question.video.video_response_id for question in submission.interview.questions]
    repeated = sorted({value for value in ids if ids.count(value) > 1})
    return tuple(
        f"videoResponseId {value!r} is used more than once: by that id only its last answer can be read"
        for value in repeated
    )


def masked_terms(candidate: Candidate) -> tuple[str, ...]:
    """The words that identify a candidate, longest first, so that the whole is masked before its parts.

    What stands before the @ counts only when it has a name in it: masking the "test" of
    test@example.org would hide a common word in what is judged.
    """
    names = [_visible(candidate.name), _visible(candidate.surname)]
    parts = [part for text in names for part in re.split(r"[\s\-]+", text) if len(part) >= SHORTEST_TERM]
    local = _visible(candidate.email.partition("@")[0])
    telling = [local] if any(part.casefold() in local.casefold() for part in parts) else []
    whole = " ".join(" ".join(names).split())
    candidates = [whole, *names, _visible(candidate.email), *telling, *parts]
    terms = {term.casefold(): term for term in reversed(candidates) if len(term) >= SHORTEST_TERM}
    return tuple(sorted(terms.values(), key=lambda term: (-len(term), term)))


def _visible(text: str) -> str:
    """The text without format characters, such as bidirectional controls, which speech never has."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf").strip()


def digest(submission: Submission) -> str:
    """What tells a repeat from another submission: all that was understood, but when it was sent."""
    content = submission.model_dump(
        mode="json", by_alias=True, exclude={"meta": {"timestamp"}}, exclude_defaults=True
    )
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
