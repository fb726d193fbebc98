"""What the memory twin can't show: the same promises over a real connection to the embedded broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka

from tests.support import facts
from tests.support.databases import ACME, CONTEXT, until
from tests.support.delivery import SOON, Heard, memory_database, parcel, pending, service, unique
from tests.support.embedded_kafka import EmbeddedKafka
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, on
from vivavoce.contracts import RecordingRejected, RecordingRequested

pytestmark = pytest.mark.connected
