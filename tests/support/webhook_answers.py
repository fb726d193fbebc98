"""What the notifier would answer to questions about webhooks."""

import base64
from collections.abc import Callable
from datetime import timedelta

from nacl.public import PublicKey, SealedBox

from tests.support.gateway import NOON
from vivavoce.contracts import (
    AttemptsListed,
    DeliveriesListed,
    DeliveryFound,
    DeliveryStatus,
    Question,
    RegisterWebhook,
    ReplayFound,
    ReplayState,
    RotateWebhookSecret,
    SigningKey,
    SigningKeysFound,
    Trigger,
    Value,
    WebhookAttempt,
    WebhookDeleted,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookFound,
    WebhookOptions,
    WebhookRegistered,
    WebhookReplay,
    WebhookSettings,
    WebhooksListed,
)

SECRET = "whsec_c2VjcmV0"
KEY = SigningKey(id="key-1", public_key="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", since=NOON)
ENDPOINT = WebhookEndpoint(
    id="wh-1",
    url="https://your-app.com/webhook",
    events=("interview.completed", "score.generated"),
    active=True,
    created_at=NOON,
    updated_at=NOON,
    options=WebhookOptions(description="results", filter={"overall": {"gte": 70}}, rate_limit=5.0),
    signing_keys=(KEY,),
    delivered=3,
)
DELIVERY = WebhookDelivery(
    id="del-1",
    endpoint_id="wh-1",
    event_id="event-1",
    event_type="score.generated",
    status=DeliveryStatus.PENDING,
    created_at=NOON,
    updated_at=NOON,
    next_attempt_at=NOON + timedelta(minutes=5),
    attempts=1,
    last_status=500,
    last_error="the endpoint answered 500",
    body='{"type":"score.generated","timestamp":"2026-03-02T12:00:00Z","data":{}}',
)
ATTEMPT = WebhookAttempt(
    id="att-1",
    delivery_id="del-1",
    endpoint_id="wh-1",
    event_id="event-1",
    event_type="score.generated",
    at=NOON,
    duration=0.25,
    trigger=Trigger.SCHEDULE,
    url=ENDPOINT.url,
    status=500,
    error="the endpoint answered 500",
    request_headers={"webhook-id": "event-1"},
    response_body="sorry",
)
REPLAY = WebhookReplay(
    id="rep-1",
    endpoint_id="wh-1",
    since=NOON - timedelta(days=1),
    until=NOON,
    missing_only=True,
    state=ReplayState.RUNNING,
    queued=7,
    created_at=NOON,
)
REPLIES: dict[type[Value], Value] = {
    WebhookFound: WebhookFound(endpoint=ENDPOINT),
    WebhooksListed: WebhooksListed(endpoints=(ENDPOINT,), cursors=("here",)),
    WebhookDeleted: WebhookDeleted(endpoint_id="wh-1"),
    SigningKeysFound: SigningKeysFound(keys=(KEY,)),
    WebhookSettings: WebhookSettings(retention_days=30),
    DeliveryFound: DeliveryFound(delivery=DELIVERY),
    DeliveriesListed: DeliveriesListed(deliveries=(DELIVERY,), next_cursor="older", cursors=("older",)),
    AttemptsListed: AttemptsListed(attempts=(ATTEMPT,)),
    ReplayFound: ReplayFound(replay=REPLAY),
}


def notifier_answer(question: Question) -> Value:
    """One endpoint, delivery, attempt or replay; a secret sealed to the asker where one is told."""
    if not isinstance(question, RegisterWebhook | RotateWebhookSecret):
        return REPLIES[question.reply]
    box = SealedBox(PublicKey(base64.b64decode(question.reply_key)))
    sealed = base64.b64encode(box.encrypt(SECRET.encode())).decode()
    return WebhookRegistered(endpoint=ENDPOINT, secret=sealed)


def answering(**replies: Value | Exception) -> Callable[[Question], Value]:
    """The same, but for the kinds of questions named: their reply, or the error to raise."""

    def answer(question: Question) -> Value:
        reply = replies.get(type(question).__name__) or notifier_answer(question)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return answer
