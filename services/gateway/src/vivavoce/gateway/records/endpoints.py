"""The records family's doors, by the reference's paths."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response
from sse_starlette import EventSourceResponse

from vivavoce.gateway.auth.creators import InterviewCreator
from vivavoce.gateway.auth.permissions import ResultViewer
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of
from vivavoce.gateway.records.responses import (
    EVENT_STREAM,
    LOCATION,
    RESULT_RESPONSES,
    accepted_response,
    event_stream,
    json_response,
    result_response,
)
from vivavoce.gateway.records.result_schemas import InterviewState
from vivavoce.gateway.records.results import interview_state
from vivavoce.gateway.records.schemas import Accepted, Submission
from vivavoce.gateway.records.stream import resume_point
from vivavoce.gateway.watching import viewing

router = APIRouter(tags=["records"])

AN_ID = "674a8f0c2e4b4d0f9a1b2c3d"
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]
VideoResponseId = Annotated[str, Path(alias="videoResponseId", min_length=1, examples=["vr-17-1"])]
JobId = Annotated[str, Path(alias="jobId", min_length=1, examples=[AN_ID])]
RecordId = Annotated[str, Path(alias="interviewRecordId", min_length=1, examples=[AN_ID])]


@router.post(
    "/api/interview-record",
    summary="Submit a recorded interview",
    status_code=202,
    response_model=Accepted,
    responses={
        200: {"model": Accepted, "description": "A repeat: the same answer as the first time.", **LOCATION},
        202: {"description": "Stored, and under way.", **LOCATION},
        **failures(400, 401, 403, 409, 413, 503),
    },
)
async def submit_interview(submission: Submission, principal: InterviewCreator, parts: PartsOf) -> Response:
    """A 2xx means that the interview is stored and will end, whatever happens from then on.

    The `requestId` makes a repeat safe: the same body gets the same answer. Texts may be in any
    language; bidirectional controls are kept, NUL characters are refused.
    """
    return accepted_response(await parts.submissions.submit(principal, context_of(principal), submission))


@router.get(
    "/api/interview-record/{interviewRecordId}",
    summary="How far an interview has come",
    response_model=InterviewState,
    responses=failures(401, 403, 404, 503),
)
async def read_interview(record_id: RecordId, principal: ResultViewer, parts: PartsOf) -> Response:
    """Every answer's stage and the share of it that is done; the totals once the interview has ended."""
    interview = await parts.reader.interview(principal, record_id)
    answers = await parts.reader.answers(principal, [interview.id])
    heard = {answer.id: parts.board.of(answer.id) for answer in answers}
    return json_response(interview_state(interview, answers, heard))


@router.get(
    "/api/interview-record/{interviewRecordId}/events",
    summary="Follow an interview (server-sent events)",
    response_class=EventSourceResponse,
    responses={
        200: EVENT_STREAM,
        204: {"description": "The interview has ended and everything after `Last-Event-ID` was sent."},
        **failures(401, 403, 404, 503),
    },
)
async def follow_interview(
    request: Request,
    record_id: RecordId,
    principal: ResultViewer,
    parts: PartsOf,
    last_event_id: LastEventId = None,
) -> Response:
    """Stored happenings are replayed after `Last-Event-ID`; progress comes live."""
    interview = await parts.reader.interview(principal, record_id)
    check = viewing(request, principal, parts, interview)
    return event_stream(interview, parts, resume_point(last_event_id, interview), check)


@router.get("/api/job-result/by-job/{jobId}", summary="Result by pipeline id", responses=RESULT_RESPONSES)
async def read_result_by_job(
    job_id: JobId, principal: ResultViewer, parts: PartsOf, if_none_match: IfNoneMatch = None
) -> Response:
    """The result of exactly this submission of the answer."""
    return result_response(await parts.reader.answer(principal, job_id), parts, if_none_match)


@router.get(
    "/api/job-result/{videoResponseId:path}", summary="Result by videoResponseId", responses=RESULT_RESPONSES
)
async def read_result(
    video_response_id: VideoResponseId,
    principal: ResultViewer,
    parts: PartsOf,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The result of the answer that was last submitted under the caller's own id for it."""
    found = await parts.reader.latest_answer(principal, video_response_id)
    return result_response(found, parts, if_none_match)
