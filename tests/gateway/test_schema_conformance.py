"""What the description promises holds for generated requests, right and wrong ones."""

import base64
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from nacl.public import PrivateKey
from schemathesis import BaseSchema, Case, checks

from tests.support.gateway import GatewayBench, token
from tests.support.interview_facts import AnswerFacts
from tests.support.people import accounts_bench
from tests.support.webhook_answers import notifier_answer
from vivavoce.contracts import RejectionReason

KEY = base64.b64encode(bytes(PrivateKey.generate().public_key)).decode()
HELD = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.ignored_auth,
    checks.missing_required_header,
    checks.unsupported_method,
]
STREAM = "/api/webhooks/stream"
"""It doesn't end by itself, and has tests of its own."""
SEED = 20_260_302
CASES = int(os.environ.get("FUZZ_CASES", "12"))
"""Of each operation, beside those at the limits of its schemas; `make fuzz` makes more."""
STEPS = 8
CHAINS = 2 * CASES
FIRST_FAILURE = 400
NEEDS_REAL_IDS = {
    "^/api/interview-record": {"GET /api/interview-record/{interviewRecordId}"},
    "^/api/admin/api-keys": {
        "GET /api/admin/api-keys/{keyId}",
        "PATCH /api/admin/api-keys/{keyId}",
        "DELETE /api/admin/api-keys/{keyId}",
    },
    "^/api/webhooks": {"GET /api/webhooks/{webhookId}", "DELETE /api/webhooks/{webhookId}"},
}
"""By the paths that a chain of calls is about: what succeeds only with what another call has answered."""
ADMIN = {"Authorization": f"Bearer {token()}"}
GENERATION = {"with-security-parameters": False, "deterministic": True}
CHAINED = {**GENERATION, "mode": "positive"}
LIKELY = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)


def fresh() -> FastAPI:
    gateway = accounts_bench(Path(tempfile.mkdtemp()), notifier_public_key=KEY)
    gateway.asker.answer = notifier_answer
    return gateway.app


app = cache(fresh)


def description(generation: dict[str, Any]) -> Any:
    """What is served, read for tests of a kind."""
    chosen = schemathesis.Config.from_dict({"seed": SEED, "generation": generation})
    return schemathesis.openapi.from_asgi("/openapi.json", app(), config=chosen).exclude(path=STREAM)


schema: BaseSchema = description(GENERATION)


@schema.parametrize()
@settings(LIKELY, max_examples=CASES)
def test_the_gateway_answers_as_described(case: Case[Any]) -> None:
    """Generated ids are never real ones: chains and real results have tests of their own."""
    case.call_and_validate(headers=ADMIN, checks=HELD)


ALONG = [check for check in HELD if check is not checks.ignored_auth]
"""That asks five times more, and has been asked of every operation alone."""


def acceptable(body: Any) -> Any:
    """A generated body with what JSON Schema can't ask for, without which next to none is accepted."""
    match body:
        case {
            "meta": dict() as meta,
            "application": {"candidate": dict() as candidate},
            "interview": {"position": dict() as position},
        }:
            meta["apiVersion"], candidate["email"] = "1.0.0", "ada@example.org"
            position["competencyWeights"] = {"communication": 1}
    return body


def chain(about: str, reached: set[str]) -> Any:
    """Calls under a path that use what earlier calls have answered; notes which of them succeed."""
    described = description(CHAINED).include(path_regex=about)
    described.hook("map_body")(lambda _, body: acceptable(body))
    machine: Any = described.as_state_machine()

    def setup(_: Any) -> None:
        """A chain that is tried again must be answered as it was the first time."""
        described.app = fresh()

    def get_call_kwargs(_: Any, case: Case[Any]) -> dict[str, Any]:
        return {"headers": ADMIN}

    def validate_response(_: Any, response: Any, case: Case[Any], **__: Any) -> None:
        case.validate_response(response, checks=ALONG, headers=ADMIN)
        if response.status_code < FIRST_FAILURE:
            reached.add(case.operation.label)

    members = {"setup": setup, "get_call_kwargs": get_call_kwargs, "validate_response": validate_response}
    return type("Chain", (machine,), members)


@pytest.mark.parametrize("about", NEEDS_REAL_IDS)
def test_what_was_created_can_be_used_as_described(about: str) -> None:
    reached: set[str] = set()
    chain(about, reached).run(settings=settings(LIKELY, max_examples=CHAINS, stateful_step_count=STEPS))
    assert reached >= NEEDS_REAL_IDS[about]


@pytest.mark.parametrize("gone", ["", "rejected"])
async def test_real_results_are_what_the_description_says(gateway: GatewayBench, gone: str) -> None:
    answer = AnswerFacts()
    await gateway.submit()
    first = answer.rejected() if gone else answer.features()
    score = answer.unscored(RejectionReason.NOT_FOUND) if gone else answer.scored()
    await gateway.tell(first, answer.proctored(), score, answer.completed())
    reads = {
        "/api/job-result/{videoResponseId}": "/api/job-result/video-1",
        "/api/job-result/by-job/{jobId}": f"/api/job-result/by-job/{answer.answer_id}",
        "/api/interview-record/{interviewRecordId}": f"/api/interview-record/{answer.interview_id}",
    }
    async with gateway.client() as client:
        for template, path in reads.items():
            schema[template]["GET"].validate_response(await client.get(path))
