"""What another organization may get by asking for this one's things: one row for every operation."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from tests.support.gateway import ACME, GLOBEX, GatewayBench, submission
from tests.support.interview_facts import SAID, AnswerFacts, put_transcript
from tests.support.webhook_answers import notifier_answer
from vivavoce.chassis.errors import NotFound
from vivavoce.contracts import (
    AttemptsListed,
    DeliveriesListed,
    GetSigningKeys,
    Question,
    RegisterWebhook,
    Value,
    WebhookRegistered,
    WebhookSettings,
    WebhooksListed,
)
from vivavoce.contracts.ids import interview_id

ANSWER = AnswerFacts()
ANYONE = 0
HIDDEN = 404
TITLE = "Data engineer"
EMPTY_PAGE = {"nextCursor": None}


@dataclass(frozen=True)
class Row:
    """One operation asked for with another organization's ids.

    `status` is what the other organization gets; with `body`, exactly this. A status of 2xx without one
    acts on the other organization's own things, and shows nothing of this one. `owner` is what the
    owner gets for the same, so that a row that tells nothing is found; None where it would never end.
    """

    path: str
    status: int
    owner: int | None = 200
    sent: dict[str, Any] | None = None
    body: Any = None


OPEN = Row("", ANYONE)
WH = "/api/webhooks/wh-1"
ROWS: dict[str, Row] = {
    "POST /api/interview-record": Row("/api/interview-record", 202, 200, submission()),
    "GET /api/interview-record/{interviewRecordId}": Row(
        f"/api/interview-record/{ANSWER.interview_id}", HIDDEN
    ),
    "GET /api/interview-record/{interviewRecordId}/events": Row(
        f"/api/interview-record/{ANSWER.interview_id}/events", HIDDEN
    ),
    "GET /api/job-result/by-job/{jobId}": Row(f"/api/job-result/by-job/{ANSWER.answer_id}", HIDDEN),
    "GET /api/job-result/{videoResponseId:path}": Row("/api/job-result/video-1", HIDDEN),
    "GET /api/webhooks/event-types": OPEN,
    "GET /api/webhooks/settings": Row("/api/webhooks/settings", 200, body={"retentionDays": 7}),
    "PUT /api/webhooks/settings": Row(
        "/api/webhooks/settings", 200, 200, {"retentionDays": 30}, {"retentionDays": 7}
    ),
    "GET /api/webhooks/stream": Row("/api/webhooks/stream?webhookId=wh-1", HIDDEN, None),
    "GET /api/webhooks/deliveries": Row(
        "/api/webhooks/deliveries", 200, body={"deliveries": [], **EMPTY_PAGE}
    ),
    "GET /api/webhooks/deliveries/{deliveryId}": Row("/api/webhooks/deliveries/del-1", HIDDEN),
    "POST /api/webhooks/deliveries/{deliveryId}/replay": Row(
        "/api/webhooks/deliveries/del-1/replay", HIDDEN, 202
    ),
    "GET /api/webhooks/attempts": Row("/api/webhooks/attempts", 200, body={"attempts": [], **EMPTY_PAGE}),
    "POST /api/webhooks/{webhookId}/test": Row(f"{WH}/test", HIDDEN, 202, {"event": "score.generated"}),
    "POST /api/webhooks/{webhookId}/replay": Row(
        f"{WH}/replay", HIDDEN, 202, {"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"}
    ),
    "GET /api/webhooks/{webhookId}/replays/{replayId}": Row(f"{WH}/replays/rep-1", HIDDEN),
    "POST /api/webhooks/register": Row(
        "/api/webhooks/register",
        201,
        201,
        {"url": "https://theirs.example/hook", "events": ["score.generated"]},
    ),
    "GET /api/webhooks": Row("/api/webhooks", 200, body={"webhooks": [], **EMPTY_PAGE}),
    "POST /api/webhooks/portal-link": Row("/api/webhooks/portal-link", 201, 201, {}),
    "GET /api/webhooks/{webhookId}": Row(WH, HIDDEN),
    "PATCH /api/webhooks/{webhookId}": Row(WH, HIDDEN, 200, {"description": "theirs"}),
    "DELETE /api/webhooks/{webhookId}": Row(WH, HIDDEN, 204),
    "POST /api/webhooks/{webhookId}/enable": Row(f"{WH}/enable", HIDDEN),
    "POST /api/webhooks/{webhookId}/disable": Row(f"{WH}/disable", HIDDEN),
    "POST /api/webhooks/{webhookId}/verify": Row(f"{WH}/verify", HIDDEN),
    "POST /api/webhooks/{webhookId}/rotate-secret": Row(f"{WH}/rotate-secret", HIDDEN),
    "GET /api/webhooks/{webhookId}/jwks.json": OPEN,
    "WEBSOCKET /graphql": OPEN,
    "GET /graphql/graphiql/{name}": OPEN,
    "GET /graphql": Row(
        "/graphql?query=" + quote(f'{{ interview(id: "{ANSWER.interview_id}") {{ position {{ title }} }} }}'),
        200,
        body={"data": {"interview": None}, "extensions": {"cost": {"points": 3, "limit": 50_000}}},
    ),
    "POST /graphql": Row(
        "/graphql",
        200,
        sent={"query": f'{{ interview(id: "{ANSWER.interview_id}") {{ position {{ title }} }} }}'},
        body={"data": {"interview": None}, "extensions": {"cost": {"points": 3, "limit": 50_000}}},
    ),
    "GET /api/admin/audit-logs": Row("/api/admin/audit-logs", 200, body={"auditLogs": [], **EMPTY_PAGE}),
    "GET /api/admin/api-keys": Row("/api/admin/api-keys", 200, body={"apiKeys": [], **EMPTY_PAGE}),
    "GET /api/admin/api-keys/{keyId}": Row("/api/admin/api-keys/{keyId}", HIDDEN),
    "PATCH /api/admin/api-keys/{keyId}": Row("/api/admin/api-keys/{keyId}", HIDDEN, 200, {"name": "theirs"}),
    "POST /api/admin/api-keys": Row("/api/admin/api-keys", 201, 201, {"name": "theirs"}),
    "DELETE /api/admin/api-keys/{keyId}": Row("/api/admin/api-keys/{keyId}", HIDDEN, 204),
    "POST /api/candidate-links": Row(
        "/api/candidate-links", HIDDEN, 201, {"interviewRecordId": ANSWER.interview_id}
    ),
    "GET /api/candidate-links": Row("/api/candidate-links", 200, body={"links": [], **EMPTY_PAGE}),
    "DELETE /api/candidate-links/{linkId}": Row("/api/candidate-links/{linkId}", HIDDEN, 204),
    "GET /api/admin/users": Row("/api/admin/users?role=candidate", 200, body={"users": [], **EMPTY_PAGE}),
    "POST /api/admin/roles": Row("/api/admin/roles", 200, 200, {"userId": "somebody", "role": "candidate"}),
    "POST /api/v1/auth/register": OPEN,
    "POST /api/v1/auth/login": OPEN,
    "POST /api/v1/auth/refresh": OPEN,
    "POST /api/v1/auth/logout": Row("/api/v1/auth/logout", 403, 403),
    "POST /api/v1/auth/logout-all": Row("/api/v1/auth/logout-all", 403, 403),
    "POST /api/v1/auth/password": Row(
        "/api/v1/auth/password",
        403,
        403,
        {"current_password": "eight brass kettles sing", "new_password": "nine copper spoons dance"},
    ),
    "GET /api/v1/auth/me": Row(
        "/api/v1/auth/me",
        200,
        body={
            "id": None,
            "email": None,
            "name": None,
            "role": "admin",
            "created_at": None,
            "organization_id": "org_globex",
            "permissions": ["*"],
        },
    ),
    "GET /.well-known/jwks.json": OPEN,
    "GET /api/csrf": OPEN,
    "GET /health": OPEN,
    "GET /ready": OPEN,
    "GET /ping": OPEN,
    "GET /metrics": OPEN,
    "GET /docs": OPEN,
    "GET /openapi.json": OPEN,
    "GET /openapi/{family}.json": OPEN,
    "GET /docs/{family}": OPEN,
    "GET /asyncapi": OPEN,
    "GET /asyncapi.json": OPEN,
    "GET /graphql/schema": OPEN,
    "GET /portal": OPEN,
    "GET /portal/{version}/{name:path}": OPEN,
}
"""Operations by `METHOD /path`."""

FIELDS: dict[str, tuple[str, Any]] = {
    "query interview": (f'interview(id: "{ANSWER.interview_id}") {{ position {{ title }} }}', None),
    "query interviews": ('interviews(userId: "user-1") { position { title } }', []),
    "query interviewConnection": ("interviewConnection { nodes { position { title } } }", {"nodes": []}),
    "query analytics": (
        """analytics(timeRange: { start: "2026-01-01T00:00:00Z", end: "2026-12-31T00:00:00Z" })
        { totals { ended } }""",
        {"totals": {"ended": 0}},
    ),
    "mutation createInterview": (
        """createInterview(input: { requestId: "req-graphql",
          application: { id: "app", candidate: { name: "Bo", email: "bo@example.org" } },
          interview: { id: "int", position: { id: "pos", title: "Cook",
            competencyWeights: [{ name: "teamwork", weight: 1 }] },
            questions: [{ id: "q1", questionText: "Why?",
              video: { videoResponseId: "v", url: "https://media.example/1.mp4" } }] } }) { id }""",
        {"id": interview_id(GLOBEX, "req-graphql")},
    ),
    "mutation updateScore": (
        f"""updateScore(interviewId: "{ANSWER.interview_id}", score: {{ overall: 1, reason: "no" }})
        {{ overallScore }}""",
        None,
    ),
    "subscription interviewProgress": (
        f'interviewProgress(interviewId: "{ANSWER.interview_id}") {{ share }}',
        None,
    ),
    "subscription interviewCompleted": (
        f'interviewCompleted(interviewId: "{ANSWER.interview_id}") {{ position {{ title }} }}',
        None,
    ),
    "query webhooks": ("webhooks { nodes { url } }", {"nodes": []}),
    "query webhook": ('webhook(id: "wh-1") { url }', None),
    "query webhookDeliveries": ("webhookDeliveries { nodes { id } }", {"nodes": []}),
    "query webhookDelivery": ('webhookDelivery(id: "del-1") { id }', None),
    "query webhookConnection": ("webhookConnection { nodes { url } }", {"nodes": []}),
    "query webhookDeliveryConnection": (
        'webhookDeliveryConnection(filter: { webhookId: "wh-1" }) { nodes { id } }',
        {"nodes": []},
    ),
}
"""Root fields: a selection of this organization's things, and what the other gets for it."""


def answer_to_acme(question: Question) -> Value:
    """What the notifier would answer if all that it keeps belongs to Acme."""
    if isinstance(question, GetSigningKeys) or getattr(question, "organization_id", None) == ACME:
        return notifier_answer(question)
    if isinstance(question, RegisterWebhook):
        registered = cast("WebhookRegistered", notifier_answer(question))
        theirs = registered.endpoint.model_copy(update={"id": "wh-2", "url": question.url})
        return registered.model_copy(update={"endpoint": theirs})
    for nothing in (
        WebhooksListed(endpoints=()),
        DeliveriesListed(deliveries=()),
        AttemptsListed(attempts=()),
    ):
        if question.reply is type(nothing):
            return nothing
    if question.reply is WebhookSettings:
        return WebhookSettings(retention_days=7)
    raise NotFound("There is no such webhook.")


async def with_acmes_things(gateway: GatewayBench) -> dict[str, str]:
    """Give Acme one of everything; returns the ids that aren't known before."""
    gateway.asker.answer = answer_to_acme
    await gateway.submit()
    features = ANSWER.features(await put_transcript(gateway.store))
    await gateway.tell(features, ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())
    async with gateway.client() as owner:
        key = (await owner.post("/api/admin/api-keys", json={"name": "ours"})).json()["id"]
        wanted = {"interviewRecordId": ANSWER.interview_id}
        link = (await owner.post("/api/candidate-links", json=wanted)).json()["id"]
        await owner.post("/api/admin/roles", json={"userId": "ours", "role": "candidate"})
    return {"keyId": key, "linkId": link}


def shows_acmes(text: str, *, asked: str) -> list[str]:
    """What of Acme's shows in an answer, but for what the caller named."""
    told = (ANSWER.interview_id, ANSWER.answer_id, SAID, TITLE, "your-app.com", "user-1")
    return [each for each in told if each in text and each not in asked]
