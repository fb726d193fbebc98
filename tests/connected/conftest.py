"""Fixtures of tests over real connections."""

from tests.support.embedded_kafka import embedded_kafka
from tests.support.embedded_mongo import embedded_mongo
from tests.support.kafka import cluster, kafka

__all__ = ["cluster", "embedded_kafka", "embedded_mongo", "kafka"]
