"""What the embedded stack sets for each service, unless the user's environment says otherwise."""

from collections.abc import Mapping

from vivavoce.cli.home import TRACES, Home
from vivavoce.cli.stack.keys import Keys

ISSUER = "urn:vivavoce:development"
AUDIENCE = "vivavoce"
LOCAL_ORGANIZATION = "org_local"
SHUTDOWN_GRACE_SECONDS = 8
LIMIT_SCALE = 1_000
"""On one machine everyone is one caller: tests, demo and benches are not to be held up."""

SCRIPTED = {"media": {"MEDIA_ANALYZER": "scripted"}, "evaluation": {"EVALUATION_JUDGE": "scripted"}}


def service_environment(
    service: str, home: Home, keys: Keys, user: Mapping[str, str], *, scripted: bool
) -> dict[str, str]:
    """The variables to add for one service. What the user has set is left alone; processes inherit it."""
    defaults = {
        "STORE_URL": home.store.as_uri(),
        "LOG_FORMAT": "json",
        "TRACE_FOLDER": str(home.root / TRACES),
        "TRACE_RATIO": "1",
        "SHUTDOWN_GRACE": str(SHUTDOWN_GRACE_SECONDS),
        **_own(keys, home).get(service, {}),
    }
    chosen = {name: value for name, value in defaults.items() if not user.get(name)}
    return {**chosen, **(SCRIPTED.get(service, {}) if scripted else {})}


def _own(keys: Keys, home: Home) -> dict[str, dict[str, str]]:
    return {
        "gateway": {
            "TOKEN_JWKS_FILE": str(keys.jwks),
            "TOKEN_ISSUER": ISSUER,
            "TOKEN_AUDIENCE": AUDIENCE,
            "OPEN_TO_LOOPBACK": "true",
            "LIMIT_SCALE": str(LIMIT_SCALE),
            "ENVIRONMENT": "development",
            "ATTESTED_CONSENT_ORGANIZATIONS": LOCAL_ORGANIZATION,
            "NOTIFIER_PUBLIC_KEY": keys.notifier_public,
            "SIGNING_SECRET": keys.signing_secret,
            "REGISTRATION_ORGANIZATION": LOCAL_ORGANIZATION,
            "GRAPHIQL_FOLDER": str(home.root / "graphiql"),
        },
        "media": {"ALLOW_LOOPBACK_FETCH": "true"},
        "notifier": {
            "ALLOW_LOOPBACK_WEBHOOKS": "true",
            "WEBHOOK_OWNERSHIP": "off",
            "NOTIFIER_PRIVATE_KEY": keys.notifier_private,
        },
    }
