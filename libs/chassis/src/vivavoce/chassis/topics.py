"""Creates the topics of the contracts on a broker, for deployments: `python -m vivavoce.chassis.topics`."""

import asyncio

from vivavoce.chassis.broker import ensure_topics
from vivavoce.chassis.settings import ServiceSettings


def main() -> None:
    """Create what is missing on the brokers of KAFKA_BOOTSTRAP_SERVERS; existing topics stay."""
    asyncio.run(ensure_topics(ServiceSettings().kafka_bootstrap_servers))


if __name__ == "__main__":
    main()
