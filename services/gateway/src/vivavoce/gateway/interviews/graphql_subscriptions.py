"""Interviews as they go on, in GraphQL: progress, and ends."""

from collections.abc import AsyncGenerator

import strawberry

from vivavoce.contracts import PipelineProgress, Stage
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import Info
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.interviews.graphql import InterviewType, interview_type
from vivavoce.gateway.interviews.repository import Interview


@strawberry.type(name="InterviewProgress", description="How far an answer has come; not stored.")
class InterviewProgressType:
    """Progress as GraphQL shows it."""

    interview_id: strawberry.ID = strawberry.field(description="The interviewRecordId.")
    answer_id: strawberry.ID = strawberry.field(description="The pipelineId.")
    question_id: str | None = strawberry.field(description="The caller's own id of the question.")
    stage: Stage = strawberry.field(description="What the answer is at.")
    share: float = strawberry.field(description="How much of the stage is done, from 0 to 1.")


def progress_type(interview: Interview, progress: PipelineProgress) -> InterviewProgressType:
    """Progress of an interview's answer as GraphQL shows it."""
    answers = interview.submitted.answers
    question = next((each.question_id for each in answers if each.answer_id == progress.answer_id), None)
    return InterviewProgressType(
        interview_id=strawberry.ID(progress.interview_id),
        answer_id=strawberry.ID(progress.answer_id),
        question_id=question,
        stage=progress.stage,
        share=progress.share,
    )


async def follow_progress(
    info: Info, interview_id: strawberry.ID
) -> AsyncGenerator[InterviewProgressType, None]:
    """The progress of an interview."""
    context = info.context
    async for interview, progress in context.following.progress(context.principal, interview_id):
        yield progress_type(interview, progress)


async def follow_ends(
    info: Info, interview_id: strawberry.ID | None = None
) -> AsyncGenerator[InterviewType, None]:
    """Interviews that end. What was read for the one before is forgotten: a stream may last for days."""
    context = info.context
    async for interview in context.following.ends(context.principal, interview_id):
        context.answers.clear_all()
        yield interview_type(interview)


@strawberry.type
class InterviewSubscriptions:
    """What can be followed of interviews."""

    interview_progress: AsyncGenerator[InterviewProgressType, None] = strawberry.subscription(
        resolver=follow_progress,
        extensions=[requires(Permission.READ)],
        description="The furthest that is known of each answer, then progress as it comes; completes when "
        "the interview has ended. A reader that doesn't keep up misses some of it.",
    )
    interview_completed: AsyncGenerator[InterviewType, None] = strawberry.subscription(
        resolver=follow_ends,
        extensions=[requires(Permission.READ)],
        description="The interview once it has ended, at once if it has; without an id, each of the "
        "organization's interviews that ends from now on, as far as the caller may see it. Each comes once.",
    )
