"""Three brokers of Apache Kafka."""

from bench.infrastructure import Cluster
from vivavoce.cli.home import Home


def apache_kafka(_home: Home) -> Cluster:
    """Not here yet."""
    raise NotImplementedError
