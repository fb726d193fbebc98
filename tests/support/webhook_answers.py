"""What the notifier would answer to questions about webhooks."""

import base64

from nacl.public import PublicKey, SealedBox

from tests.support.gateway import NOON
from vivavoce.contracts import (
    Question,
    RegisterWebhook,
    Value,
    WebhookEndpoint,
    WebhookRegistered,
    WebhooksListed,
)

SECRET = "whsec_c2VjcmV0"
ENDPOINT = WebhookEndpoint(
    id="wh-1",
    url="https://your-app.com/webhook",
    events=("interview.completed", "score.generated"),
    active=True,
    created_at=NOON,
    delivered=3,
)


def notifier_answer(question: Question) -> Value:
    """The list of one endpoint, or that endpoint as new with its secret sealed to the asker."""
    if not isinstance(question, RegisterWebhook):
        return WebhooksListed(endpoints=(ENDPOINT,))
    box = SealedBox(PublicKey(base64.b64decode(question.reply_key)))
    sealed = base64.b64encode(box.encrypt(SECRET.encode())).decode()
    return WebhookRegistered(endpoint=ENDPOINT, secret=sealed)
