"""The broker that connected tests run against: the embedded one, or Apache Kafka when that is asked for.

`make test-kafka` asks for it by TESTED_BROKER=kafka.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.apache_kafka import ApacheKafka
from tests.support.embedded_kafka import EmbeddedKafka

ON_APACHE = os.environ.get("TESTED_BROKER") == "kafka"

embedded_only = pytest.mark.skipif(ON_APACHE, reason="is about the embedded broker, not Apache Kafka")
apache_only = pytest.mark.skipif(not ON_APACHE, reason="is about Apache Kafka: run `make test-kafka`")


class Kafka(Protocol):
    """A broker, or a cluster of them, with the topics of the contracts."""

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect; the same over a restart."""
        ...

    def start(self) -> None:
        """Start it and return when it does its work; topics may be missing."""
        ...

    def start_with_topics(self) -> None:
        """Start it and return when it has its topics."""
        ...

    def kill(self) -> None:
        """End it as a power cut would."""
        ...


@contextmanager
def planned_kafka() -> Iterator[Kafka]:
    """A broker that has its address and doesn't run yet; killed afterwards, with its data."""
    with tempfile.TemporaryDirectory(prefix="vivavoce-kafka-", ignore_cleanup_errors=True) as folder:
        kafka = ApacheKafka(Path(folder)) if ON_APACHE else EmbeddedKafka()
        try:
            yield kafka
        finally:
            kafka.kill()


@contextmanager
def running_kafka() -> Iterator[Kafka]:
    """A started broker with topics."""
    with planned_kafka() as kafka:
        kafka.start_with_topics()
        yield kafka


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One broker for the whole run; every test takes group names and keys of its own."""
    with running_kafka() as running:
        yield running


@pytest.fixture(scope="session")
def cluster(kafka: Kafka) -> ApacheKafka:
    """The cluster, for tests of what the embedded broker hasn't."""
    assert isinstance(kafka, ApacheKafka)
    return kafka
