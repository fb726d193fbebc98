"""One example of each webhook body, by the name of its schema, for people who read the API's description."""

from typing import Any

WEBHOOK = "91e652b9-5a34-5c83-a328-ca4b6923d71e"
DELIVERY = "0c9b3a52-6d0f-5a53-9d3e-1f6f7a0c2b11"
EVENT_ID = "5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4"
URL = "https://your-app.com/webhook"
NINE = "2026-05-01T09:00:00Z"
LATER = "2026-05-01T09:34:12Z"
OPTIONS = {
    "description": "results of the hiring team",
    "filter": {"overall": {"gte": 70}},
    "retryDelays": [5, 300, 1800],
    "rateLimit": 20.0,
    "concurrency": 4,
    "ordered": False,
}
WISH = {"url": URL, "events": ["interview.completed", "score.generated"]}
ENDPOINT = {
    "id": WEBHOOK,
    **WISH,
    "active": True,
    "createdAt": NINE,
    "updatedAt": NINE,
    **OPTIONS,
    "disabledReason": None,
    "disabledDetail": None,
    "disabledAt": None,
    "health": "healthy",
    "failingSince": None,
    "resumesAt": None,
    "signingKeys": [
        {
            "id": "0b6c1f1e-8f0e-5a3e-9a55-6f1de1b7b1a4",
            "publicKey": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "since": NINE,
            "until": None,
        }
    ],
    "deliveries": {
        "delivered": 41,
        "failed": 0,
        "pending": 1,
        "lastDeliveryAt": LATER,
        "lastStatus": 204,
        "lastError": None,
    },
}
SENT = {
    "id": DELIVERY,
    "webhookId": WEBHOOK,
    "eventId": EVENT_ID,
    "event": "interview.completed",
    "status": "delivered",
    "createdAt": "2026-05-01T09:34:11Z",
    "updatedAt": LATER,
    "nextAttemptAt": None,
    "waiting": None,
    "attempts": 1,
    "lastStatus": 204,
    "lastError": None,
}
ATTEMPT = {
    "id": "3e7d9a10-1c5b-5f0a-8d0f-b1a3c2d4e5f6",
    "deliveryId": DELIVERY,
    "webhookId": WEBHOOK,
    "eventId": EVENT_ID,
    "event": "interview.completed",
    "at": LATER,
    "duration": 0.084,
    "trigger": "schedule",
    "url": URL,
    "status": 204,
    "error": None,
    "requestHeaders": {"webhook-id": EVENT_ID, "webhook-signature": "v1,K5oZfzN95…"},
    "responseHeaders": {"content-length": "0"},
    "responseBody": "",
    "responseCut": False,
}
PAYLOAD = f'{{"type":"interview.completed","timestamp":"{LATER}","data":{{"overall":78.5}}}}'
EVENT_TYPE = {
    "type": "webhook.recovered",
    "description": "Emitted when a paused endpoint has accepted an attempt; what waited goes out now.",
    "schema": {"type": "object", "properties": {"endpoint_id": {"type": "string"}}},
    "example": {"endpoint_id": WEBHOOK, "url": URL},
}
WEBHOOK_EXAMPLES: dict[str, dict[str, Any]] = {
    "RegisterBody": {**WISH, "secret": "your-webhook-secret", **OPTIONS},
    "ChangeBody": {"events": ["score.generated"], "rateLimit": 5, "filter": None},
    "EnableBody": {"recover": True},
    "RotateBody": {"keepOldSeconds": 86400},
    "WebhookBody": ENDPOINT,
    "RegisteredBody": {**ENDPOINT, "secret": "whsec_eW91ci13ZWJob29rLXNlY3JldA=="},
    "WebhooksBody": {"webhooks": [ENDPOINT], "nextCursor": None},
    "LinkRequest": {"expiresIn": 3600},
    "LinkBody": {"url": "https://api.example.org/portal#token=eyJhbGciOi…", "expiresAt": LATER},
    "EventTypeBody": EVENT_TYPE,
    "SettingsBody": {"retentionDays": 30},
    "DeliveryBody": SENT,
    "SentDeliveryBody": {**SENT, "payload": PAYLOAD},
    "DeliveriesBody": {"deliveries": [SENT], "nextCursor": None},
    "AttemptsBody": {"attempts": [ATTEMPT], "nextCursor": None},
    "ExampleBody": {"event": "score.generated"},
    "ReplayRequest": {"since": NINE, "until": LATER, "missingOnly": True},
    "ReplayBody": {
        "id": "5d1f0a77-0f52-5b8e-9a53-2f1c9d1e7b60",
        "webhookId": WEBHOOK,
        "since": NINE,
        "until": LATER,
        "missingOnly": True,
        "state": "running",
        "queued": 12,
        "createdAt": LATER,
    },
}
