"""Serves the gateway: `python -m vivavoce.gateway`."""

import math

import uvicorn

from vivavoce.chassis.log import configure_logging
from vivavoce.gateway.app import build
from vivavoce.gateway.settings import GatewaySettings


def main() -> None:
    """Serve until told to stop.

    Forwarding headers are not believed: whoever stands in front would otherwise decide which callers
    are taken for programs on this machine.
    """
    settings = GatewaySettings()
    configure_logging(settings)
    uvicorn.run(
        build(settings),
        host=settings.http_host,
        port=settings.http_port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace),
    )


if __name__ == "__main__":
    main()
