"""Changes in GraphQL: handing in a recorded interview, and a human's word on a score."""

from typing import Any

import strawberry
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.failures import invalid_input
from vivavoce.gateway.graphql_context import Info
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.interviews.graphql import InterviewType, interview_type
from vivavoce.gateway.interviews.overriding import Wish
from vivavoce.gateway.parts import context_of
from vivavoce.gateway.records.schemas import ConsentBasis, Submission

API_VERSION = "1.0.0"
UNTIMED = "1970-01-01T00:00:00Z"
"""When a body was sent is for the caller's own logs; GraphQL doesn't ask."""

strawberry.enum(ConsentBasis, description="The lawful bases of GDPR article 6(1).")


@strawberry.input(name="CandidateInput", description="Who was interviewed; masked in what is judged.")
class CandidateInput:
    """A candidate."""

    name: str = strawberry.field(description="First name.")
    surname: str = strawberry.field(default="", description="Family name, if there is one.")
    email: str = strawberry.field(description="E-mail address.")


@strawberry.input(name="ApplicationInput", description="The application in the caller's own system.")
class ApplicationInput:
    """An application."""

    id: strawberry.ID = strawberry.field(description="The caller's own id.")
    candidate: CandidateInput = strawberry.field(description="Who applies.")


@strawberry.input(name="CompetencyWeightInput", description="Weights of any sum are taken as shares of it.")
class CompetencyWeightInput:
    """A competency's weight."""

    name: str = strawberry.field(description="The competency; each once.")
    weight: float = strawberry.field(description="0 or more.")


@strawberry.input(name="PositionInput", description="The job.")
class PositionInput:
    """A position."""

    id: strawberry.ID = strawberry.field(description="The caller's own id.")
    title: str = strawberry.field(description="As people call it.")
    competency_weights: list[CompetencyWeightInput] = strawberry.field(
        description="What is asked for; at least one above 0."
    )


@strawberry.input(name="VideoInput", description="Where an answer's recording can be fetched.")
class VideoInput:
    """A recording."""

    video_response_id: strawberry.ID = strawberry.field(description="The caller's own id of the answer.")
    url: str = strawberry.field(description="Fetched with HTTP GET.")


@strawberry.input(name="QuestionInput", description="A question and its recorded answer.")
class QuestionInput:
    """A question."""

    id: strawberry.ID = strawberry.field(description="The caller's own id; each once.")
    question_text: str = strawberry.field(description="As it was asked.")
    video: VideoInput = strawberry.field(description="The recorded answer.")


@strawberry.input(name="RecordedInterviewInput", description="The recorded interview.")
class RecordedInterviewInput:
    """An interview's content."""

    id: strawberry.ID = strawberry.field(description="The caller's own id.")
    position: PositionInput = strawberry.field(description="The job.")
    questions: list[QuestionInput] = strawberry.field(description="At least one.")


@strawberry.input(
    name="CreateInterviewInput",
    description="A recorded interview, by the rules of POST /api/interview-record.",
)
class CreateInterviewInput:
    """What is handed in."""

    request_id: strawberry.ID = strawberry.field(
        description="Makes a repeat safe, over REST too: the same content gets the same interview."
    )
    application: ApplicationInput = strawberry.field(description="Whose interview it is.")
    interview: RecordedInterviewInput = strawberry.field(description="What was recorded.")
    consent: ConsentBasis | None = strawberry.field(
        default=None, description="Needed unless the organization has attested it once for all."
    )


@strawberry.input(name="ScoreInput", description="A human's score, kept beside the machine's.")
class ScoreInput:
    """An override."""

    overall: float = strawberry.field(description="0 to 100.")
    reason: str = strawberry.field(description="Why; shown with the score.")
    pipeline_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which answer is meant; without one, the interview as a whole."
    )


async def resolve_create(info: Info, input: CreateInterviewInput) -> InterviewType:
    """The interview, which is stored and will end; a repeat gets the one that is stored already."""
    principal = info.context.principal
    submission = submission_of(input)
    try:
        done = await info.context.submissions.submit(principal, context_of(principal), submission)
    except InvalidInput as error:
        raise invalid_input([in_input(each) for each in error.problems]) from error
    return interview_type(done.interview)


async def resolve_update_score(info: Info, interview_id: strawberry.ID, score: ScoreInput) -> InterviewType:
    """The interview with the human's score."""
    principal = info.context.principal
    wish = Wish(score.overall, score.reason, score.pipeline_id)
    stored = await info.context.overrides.override(principal, context_of(principal), interview_id, wish)
    return interview_type(stored)


def submission_of(given: CreateInterviewInput) -> Submission:
    """The submission as REST would take it; raises InvalidInput with the fields that are wrong."""
    weights = given.interview.position.competency_weights
    named = {each.name: each.weight for each in weights}
    if len(named) < len(weights):
        path = "input.interview.position.competencyWeights"
        raise invalid_input([FieldProblem(path, "must name each competency once")])
    content = _camel(strawberry.asdict(given))
    content["interview"]["position"]["competencyWeights"] = named
    body = {
        "meta": {"apiVersion": API_VERSION, "requestId": given.request_id, "timestamp": UNTIMED},
        "application": content["application"],
        "interview": content["interview"],
        "consent": None if given.consent is None else {"basis": given.consent},
    }
    try:
        return Submission.model_validate(body)
    except ValidationError as error:
        problems = [
            FieldProblem(".".join(str(part) for part in each["loc"]), each["msg"]) for each in error.errors()
        ]
        raise invalid_input([in_input(each) for each in problems]) from error


def _camel(value: Any) -> Any:
    """The value with names as callers know them, in which problems are told."""
    if isinstance(value, dict):
        return {to_camel(name): _camel(item) for name, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def in_input(problem: FieldProblem) -> FieldProblem:
    """A problem of a submission's body, at its place in the input."""
    return FieldProblem(f"input.{problem.path.removeprefix('meta.')}", problem.message)


@strawberry.type
class InterviewMutations:
    """What can be changed about interviews."""

    create_interview: InterviewType = strawberry.field(
        resolver=resolve_create,
        description="Hand in a recorded interview. An answer means that it is stored and will end.",
        extensions=[requires(Permission.SUBMIT)],
    )
    update_score: InterviewType = strawberry.field(
        resolver=resolve_update_score,
        description="A human's word on a score. The machine's stays visible beside it, with every override's "
        "author, time and reason.",
        extensions=[requires(Permission.SCORES)],
    )
