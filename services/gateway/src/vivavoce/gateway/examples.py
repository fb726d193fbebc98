"""One example of each body, by the name of its schema, for people who read the API's description."""

from typing import Any

from vivavoce.gateway.accounts.examples import ACCOUNT_EXAMPLES
from vivavoce.gateway.audit.examples import AUDIT_EXAMPLES
from vivavoce.gateway.webhooks.examples import WEBHOOK_EXAMPLES

INTERVIEW = "674a8f0c2e4b4d0f9a1b2c3d"
PIPELINE = "674a8f0c5b1c4e2a8d7f6e5c"
IDS = {
    "interviewRecordId": INTERVIEW,
    "pipelineId": PIPELINE,
    "questionId": "q1",
    "videoResponseId": "vr-17-1",
}
QUOTE = {
    "quote": "I rehearsed the migration on a copy of production first.",
    "start": 6.2,
    "end": 9.8,
    "observable": None,
}
WORDS_PER_MINUTE = {
    "name": "speech_rate",
    "value": 145.2,
    "unit": "words/min",
    "start": 0.1,
    "end": 43.0,
    "reason": None,
}
LOOKED_AWAY = {
    "kind": "looking_away",
    "start": 8.0,
    "end": 19.5,
    "severity": "warning",
    "values": {"seconds": 11.5},
}
CRITERION = {
    "name": "relevance",
    "score": 91.0,
    "weight": 0.25,
    "contribution": 22.8,
    "explanation": "The answer speaks to the question.",
    "evidence": [QUOTE],
}
COMPETENCY = {"name": "problem_solving", "weight": 0.6, "score": 78.0, "evidence": [QUOTE]}
RESULT = {
    "transcription": {
        "text": "I rehearsed the migration on a copy of production first. …",
        "duration": 43.6,
        "language": "en",
    },
    "faceScores": {"confidence": 92.0, "engagement": 81.5, "eye_contact": 72.4},
    "voiceScores": {"clarity": 88.1, "confidence": 80.3, "speech_rate": 145.2},
    "evaluationResult": {
        "overallScore": 83.3,
        "feedback": "The answer speaks to the question with what you did yourself. …",
        "confidence": 0.96,
        "detail": None,
        "criteria": [CRITERION],
        "competencies": [COMPETENCY],
    },
    "observables": [WORDS_PER_MINUTE],
    "integrityBand": "elevated",
    "integrityEvents": [LOOKED_AWAY],
    "reasons": {},
    "versions": {
        "judge": "local-2",
        "rubric": "rubric-1",
        "formulas": "formulas-1",
        "models": {"speech": "faster-whisper 1.2.1 int8 3f0a9c2b7d41"},
    },
}
KEY = {
    "id": "0f3a9c2b7d41",
    "name": "nightly import",
    "prefix": "viva_0f3a9c2b7d41",
    "scopes": ["interviews:write", "interviews:read"],
    "createdBy": "user-1",
    "createdAt": "2026-05-01T09:00:00Z",
    "expiresAt": "2027-05-01T00:00:00Z",
    "lastUsedAt": "2026-05-01T09:30:00Z",
    "revokedAt": None,
}
LINK = {
    "id": "5b1c4e2a8d7f6e5c3b2a1908",
    "interviewRecordId": INTERVIEW,
    "purpose": "view_result",
    "createdBy": "user-1",
    "createdAt": "2026-05-01T09:00:00Z",
    "expiresAt": "2026-05-08T09:00:00Z",
    "revokedAt": None,
}
USER = {
    "id": "user_2b7d41",
    "number": 7,
    "role": "interviewer",
    "tokenRole": "candidate",
    "assignedRole": "interviewer",
    "firstSeenAt": "2026-04-01T08:00:00Z",
    "lastSeenAt": "2026-05-01T09:30:00Z",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "Accepted": {
        "ok": True,
        "interviewRecordId": INTERVIEW,
        "pipelines": [{"questionId": "q1", "pipelineId": PIPELINE}],
    },
    "JobSucceeded": {**IDS, "status": "success", "result": RESULT},
    "JobFailed": {
        **IDS,
        "status": "failed",
        "reason": "not_found",
        "message": "There is no recording at this address.",
        "advice": "Check the address, and submit the answer again under a new requestId.",
        "detail": "media.example.org answers 404",
        "integrityBand": "unavailable",
        "versions": None,
    },
    "CsrfBody": {"csrfToken": "3q2-7wAAAAAAAAAAAAAAAH4mZ0Yt0m6yq4Jq8mJZ0Y0m6yq4Jq8mJZ0Yt0m6yq4J"},
    "JobNotFound": {"status": "not_found", "message": "Sonuç bulunamadı."},
    "InterviewState": {
        "ok": True,
        "interviewRecordId": INTERVIEW,
        "applicationId": "app-17",
        "interviewId": "int-17",
        "status": "processing",
        "share": 0.42,
        "submittedAt": "2026-05-01T09:30:00Z",
        "completedAt": None,
        "overallScore": None,
        "competencies": [],
        "integrityBand": None,
        "warnings": [],
        "answers": [
            {
                **IDS,
                "status": "processing",
                "stage": "analysing",
                "share": 0.5,
                "overallScore": None,
                "reason": None,
            }
        ],
    },
    **AUDIT_EXAMPLES,
    **WEBHOOK_EXAMPLES,
    **ACCOUNT_EXAMPLES,
    "NewKeyBody": {
        "name": "nightly import",
        "scopes": ["interviews:write", "interviews:read"],
        "expiresAt": "2027-05-01T00:00:00Z",
    },
    "RenameBody": {"name": "weekly import"},
    "KeyBody": KEY,
    "IssuedKeyBody": {**KEY, "key": "viva_0f3a9c2b7d41_7Qm4Zt…"},
    "KeysBody": {"apiKeys": [KEY], "nextCursor": None},
    "NewLinkBody": {"interviewRecordId": INTERVIEW, "purpose": "view_result", "expiresIn": 604800},
    "IssuedLinkBody": {
        "id": LINK["id"],
        "url": "https://interviews.example.org/candidate#token=eyJhbGciOi…",
        "token": "eyJhbGciOi…",
        "expiresAt": "2026-05-08T09:00:00Z",
    },
    "CandidateLinksBody": {"links": [LINK], "nextCursor": None},
    "RoleBody": {"userId": USER["id"], "role": "interviewer"},
    "UserBody": USER,
    "UsersBody": {"users": [USER], "nextCursor": None},
    "Failure": {
        "error": "The interview's body has 1 problem.",
        "correlationId": "5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4",
        "fields": [
            {"path": "interview.questions.0.video.url", "message": "must be an http or https address"}
        ],
    },
    "Health": {
        "status": "degraded",
        "timestamp": "2026-05-01T09:30:00.000Z",
        "services": {
            "mongo": "connected",
            "kafka": "connected",
            "store": "connected",
            "redis": "not_configured",
            "groq": "unreachable",
            "piston": "not_configured",
            "issuer": "connected",
            "evaluation": "connected",
        },
        "circuitBreakers": {
            "groq": {
                "state": "open",
                "since": "2026-05-01T09:29:48.250Z",
                "failures": 5,
                "retryAfter": 19,
                "instances": {"open": 1, "closed": 2},
            }
        },
    },
    "Pong": {"status": "ok"},
    "KeySet": {
        "keys": [{"kty": "EC", "kid": "dev-1", "alg": "ES256", "crv": "P-256", "x": "f83OJ…", "y": "x_FEz…"}]
    },
}
