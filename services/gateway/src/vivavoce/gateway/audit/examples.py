"""An example of the audit log, for people who read the API's description."""

from typing import Any

AUDIT_EXAMPLES: dict[str, dict[str, Any]] = {
    "AuditLogsBody": {
        "auditLogs": [
            {
                "id": "0d6c2f0e-6f6f-4a0e-9a53-6c8a2a4fb3d4",
                "number": 1207,
                "at": "2026-03-02T12:00:00Z",
                "action": "api_key.revoke",
                "actor": {"id": "user-1", "kind": "user", "role": "admin"},
                "object": {"kind": "api_key", "id": "0f3a9c2b7d41"},
                "origin": "203.0.113.0/24",
                "correlationId": "5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4",
                "before": "3c" * 32,
                "after": "4d" * 32,
                "hash": "5e" * 32,
            }
        ],
        "nextCursor": None,
    }
}
