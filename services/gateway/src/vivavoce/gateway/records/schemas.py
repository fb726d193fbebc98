"""The body of a submission, by the reference's names, and its answer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from vivavoce.gateway.moments import Written
from vivavoce.gateway.texts import (
    AT_LEAST_ONE,
    Email,
    HttpUrl,
    Identifier,
    LongText,
    Name,
    NotEmpty,
    OptionalName,
)

SUPPORTED_MAJOR = "1"
BY_JOB = "by-job/"


class Body(BaseModel):
    """A body with the reference's camel-case names. Unknown fields are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True, allow_inf_nan=False
    )


def _supported(version: str) -> str:
    if version.split(".", maxsplit=1)[0] != SUPPORTED_MAJOR:
        raise PydanticCustomError("api_version", "must be 1.0.0 or another version 1.x")
    return version


def _reachable(value: str) -> str:
    if value.startswith(BY_JOB):
        raise PydanticCustomError("reserved", "must not begin with by-job/, which is a path of its own")
    return value


Weight = Annotated[float, Field(strict=True, ge=0)]


class Meta(Body):
    """About the request. `timestamp` may differ between a request and its repeat."""

    api_version: Annotated[Identifier, AfterValidator(_supported)]
    request_id: Identifier
    timestamp: Annotated[datetime, Written]


class Candidate(Body):
    """Who was interviewed. No judge sees these: they are masked in what is judged."""

    name: Name
    surname: OptionalName
    email: Email


class Application(Body):
    """The candidate's application in the caller's own system."""

    id: Identifier
    candidate: Candidate


class PositionBody(Body):
    """The job. Weights of any sum are taken as shares of it."""

    id: Identifier
    title: Name
    competency_weights: dict[Name, Weight] = Field(max_length=100)


class Video(Body):
    """Where the answer's recording can be fetched with HTTP GET, and the caller's own id for it."""

    video_response_id: Annotated[Identifier, AfterValidator(_reachable)]
    url: HttpUrl


class QuestionBody(Body):
    """A question and its recorded answer."""

    id: Identifier
    question_text: LongText
    video: Video


class InterviewBody(Body):
    """The recorded interview."""

    id: Identifier
    position: PositionBody
    questions: Annotated[tuple[QuestionBody, ...], NotEmpty] = Field(json_schema_extra=AT_LEAST_ONE)


class ConsentBasis(StrEnum):
    """The lawful bases of GDPR article 6(1)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class Consent(Body):
    """The organization's word that it may have this interview processed, and on what basis."""

    basis: ConsentBasis


class Submission(Body):
    """A recorded interview, handed in for analysis."""

    meta: Meta
    application: Application
    interview: InterviewBody
    consent: Consent | None = Field(
        default=None, description="Needed unless the organization has attested it once for all."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "meta": {
                        "apiVersion": "1.0.0",
                        "requestId": "req-2026-05-01-0001",
                        "timestamp": "2026-05-01T09:30:00Z",
                    },
                    "application": {
                        "id": "app-17",
                        "candidate": {"name": "Ada", "surname": "Yılmaz", "email": "ada@example.org"},
                    },
                    "interview": {
                        "id": "int-17",
                        "position": {
                            "id": "pos-3",
                            "title": "Backend engineer",
                            "competencyWeights": {"communication": 0.4, "problem_solving": 0.6},
                        },
                        "questions": [
                            {
                                "id": "q1",
                                "questionText": "Tell us about a fault that you found in production.",
                                "video": {
                                    "videoResponseId": "vr-17-1",
                                    "url": "https://media.example.org/vr-17-1.mp4",
                                },
                            }
                        ],
                    },
                }
            ]
        }
    )


class Pipeline(Body):
    """The id under which one answer is worked on."""

    question_id: str
    pipeline_id: str


class Accepted(Body):
    """The interview is stored and will end, whatever happens from here on."""

    ok: Literal[True] = True
    interview_record_id: str
    pipelines: tuple[Pipeline, ...]
    warnings: tuple[str, ...] = ()
