"""Creates the topics of the contracts on a broker, for deployments: `python -m vivavoce.chassis.topics`."""

import asyncio

from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.settings import ServiceSettings


def main() -> None:
    """Create what is missing on the brokers of KAFKA_BOOTSTRAP_SERVERS; existing topics stay.

    Each new partition has KAFKA_REPLICATION_FACTOR copies.
    """
    asyncio.run(KafkaWire(ServiceSettings()).ensure_topics())


if __name__ == "__main__":
    main()
