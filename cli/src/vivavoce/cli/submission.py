"""A submission's body from what the command line was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

API_VERSION = "1.0.0"
DEFAULT_COMPETENCIES = {"communication": 0.5, "problem_solving": 0.5}


@dataclass(frozen=True)
class Candidate:
    """Who was interviewed."""

    name: str = "Demo"
    surname: str = "Candidate"
    email: str = "candidate@example.org"


@dataclass(frozen=True)
class Position:
    """The job, with the weight of each competency."""

    title: str = "Unnamed position"
    competencies: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_COMPETENCIES))


@dataclass(frozen=True)
class Question:
    """A question, and where its recorded answer can be fetched."""

    text: str
    url: str


def submission_body(
    request_id: str,
    questions: Sequence[Question],
    position: Position,
    candidate: Candidate,
    now: datetime,
) -> dict[str, Any]:
    """The body of POST /api/interview-record; questions are numbered from q1."""
    return {
        "meta": {"apiVersion": API_VERSION, "requestId": request_id, "timestamp": now.isoformat()},
        "application": {
            "id": f"application-{request_id}",
            "candidate": {
                "name": candidate.name,
                "surname": candidate.surname,
                "email": candidate.email,
            },
        },
        "interview": {
            "id": f"interview-{request_id}",
            "position": {
                "id": f"position-{request_id}",
                "title": position.title,
                "competencyWeights": dict(position.competencies),
            },
            "questions": [
                _question(request_id, number, question) for number, question in enumerate(questions, start=1)
            ],
        },
    }


def _question(request_id: str, number: int, question: Question) -> dict[str, Any]:
    return {
        "id": f"q{number}",
        "questionText": question.text,
        "video": {"videoResponseId": f"{request_id}-{number}", "url": question.url},
    }
