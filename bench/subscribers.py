"""Makes the organizations that want webhooks: an endpoint each, and interviews that can be scored."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx

from bench.deliveries import ENDPOINTS
from bench.publishing import Scored
from bench.stack import Stack
from vivavoce.cli.client import Gateway
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.submission import Candidate, Position, Question, submission_body
from vivavoce.cli.tokens import Role, mint
from vivavoce.contracts import InterviewStatus, ScoreGenerated
from vivavoce.contracts.ids import new_id

INTERVIEWS_EACH = 4
"""So that an organization's events lie on several partitions."""
LIFETIME = timedelta(hours=1)
CALL_SECONDS, PATIENCE_SECONDS, POLL_SECONDS = 60.0, 120.0, 0.2
QUESTION = "Tell us about a time when you made something faster."


def organization_of(endpoint: str) -> str:
    """The organization whose only endpoint this is."""
    return f"org_{endpoint.replace('-', '_')}"


ORGANIZATIONS = tuple(organization_of(endpoint) for endpoint in ENDPOINTS)


def subscribe(stack: Stack, receiver_url: str) -> list[Scored]:
    """Register every endpoint over REST, and submit interviews whose scores it will hear of.

    The answers come by turns of their endpoints. Raises RuntimeError when the interviews don't end.
    """
    answers = [_answers(stack, endpoint) for endpoint in ENDPOINTS]
    for endpoint in ENDPOINTS:
        _register(stack, endpoint, f"{receiver_url}/{endpoint}")
    return [scored for turn in zip(*answers, strict=True) for scored in turn]


def _answers(stack: Stack, endpoint: str) -> Sequence[Scored]:
    organization = organization_of(endpoint)
    gateway = Gateway(stack.base_url, _token(stack, organization))
    found = []
    for number in range(INTERVIEWS_EACH):
        question = Question(QUESTION, f"https://recordings.example/{endpoint}/{number}.mp4")
        body = submission_body(new_id(), [question], Position(), Candidate(), datetime.now(UTC))
        accepted = gateway.submit(body)
        answer = accepted.pipelines[0].pipeline_id
        found.append(Scored(endpoint, organization, accepted.interview_record_id, answer))
    for scored in found:
        _await_end(gateway, scored.interview_id)
    return found


def _await_end(gateway: Gateway, interview_id: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        state = gateway.interview(interview_id)
        if state is not None and state.status == InterviewStatus.COMPLETED:
            return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the interview {interview_id} hasn't ended within {PATIENCE_SECONDS:.0f} s")


def _register(stack: Stack, endpoint: str, url: str) -> None:
    headers = {"Authorization": f"Bearer {_token(stack, organization_of(endpoint))}"}
    body = {"url": url, "events": [ScoreGenerated.type]}
    response = httpx.post(
        f"{stack.base_url}/api/webhooks/register",
        json=body,
        headers=headers,
        timeout=CALL_SECONDS,
        trust_env=False,
    )
    response.raise_for_status()


def _token(stack: Stack, organization: str) -> str:
    return mint(
        ensure_keys(stack.home),
        role=Role.ADMIN,
        organization=organization,
        subject="bench",
        now=datetime.now(UTC),
        lifetime=LIFETIME,
    )
