"""Fixtures of tests over real connections."""

from tests.support.embedded_kafka import embedded_kafka
from tests.support.embedded_mongo import embedded_mongo

__all__ = ["embedded_kafka", "embedded_mongo"]
