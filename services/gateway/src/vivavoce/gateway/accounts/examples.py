"""One example of each body of accounts, for people who read the API's description."""

from typing import Any

EMAIL = "ada@example.org"
PHRASE = "eight brass kettles sing"
USER = {
    "id": 17,
    "email": EMAIL,
    "name": "Ada Yılmaz",
    "role": "candidate",
    "created_at": "2026-05-01T09:30:00Z",
}

ACCOUNT_EXAMPLES: dict[str, Any] = {
    "RegistrationBody": {"email": EMAIL, "password": PHRASE, "name": "Ada Yılmaz"},
    "LoginBody": {"email": EMAIL, "password": PHRASE},
    "RefreshBody": {"refresh_token": "vivar_3q2-7wQm4Zt…"},
    "PasswordBody": {"current_password": PHRASE, "new_password": "nine copper spoons dance"},
    "SessionBody": {
        "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOi…",
        "refresh_token": "vivar_3q2-7wQm4Zt…",
        "token_type": "bearer",
        "expires_in": 900,
        "user": USER,
    },
    "MeBody": {
        **USER,
        "organization_id": "org_local",
        "permissions": ["interviews:read", "interviews:write"],
    },
}
