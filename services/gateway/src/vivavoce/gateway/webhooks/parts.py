"""What the webhook doors share: everything that is asked of the notifier, by subject."""

from dataclasses import dataclass

from vivavoce.chassis.clock import Clock
from vivavoce.gateway.auth.portal_tokens import PortalTokens
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.webhooks.log import Log, Replays
from vivavoce.gateway.webhooks.notifier import Asks, Notifier
from vivavoce.gateway.webhooks.service import Endpoints
from vivavoce.gateway.webhooks.signing_keys import SigningKeys
from vivavoce.gateway.webhooks.stream import Streams


@dataclass(frozen=True)
class Webhooks:
    """One of each."""

    endpoints: Endpoints
    log: Log
    replays: Replays
    signing_keys: SigningKeys
    streams: Streams
    portal: PortalTokens


def make_webhooks(asker: Asks, settings: GatewaySettings, clock: Clock) -> Webhooks:
    """The webhook doors' parts over whatever asks."""
    notifier = Notifier(asker, settings)
    endpoints, log = Endpoints(notifier), Log(notifier)
    return Webhooks(
        endpoints=endpoints,
        log=log,
        replays=Replays(notifier),
        signing_keys=SigningKeys(notifier, clock, settings.signing_keys_seconds),
        streams=Streams(endpoints, log, clock, settings),
        portal=PortalTokens(settings.signing_secret.get_secret_value(), clock),
    )
