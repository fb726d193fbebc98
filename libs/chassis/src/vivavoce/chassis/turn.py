"""The messages that a Kafka consumer works on, and what becomes of them in a rebalance or after a fault."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from faststream.exceptions import NackMessage

from vivavoce.chassis.kafka_listener import to_record
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import HANDED_BACK
from vivavoce.chassis.retry import HandBack
from vivavoce.chassis.wire import Record

REVOKE_GRACE_SECONDS = 10.0
FAULT_PAUSE_SECONDS = 1.0

log = get_logger(__name__)

TakeAll = Callable[[Sequence[Record]], Awaitable[int]]
"""Settles messages from the front of some, one at least; how many."""


class Turn:
    """One turn at a time: the message that FastStream passes, and what has been fetched beside it.

    FastStream acknowledges the positions of all partitions when a turn returns. So whatever of a turn is
    not settled by then is rewound to, and a turn that fails is rewound as a whole. A partition is given
    up only after the turn has been completed, or its handling cancelled.
    """

    def __init__(self, name: str, take: TakeAll, *, at_once: int = 1) -> None:
        self.name = name
        self.subscriber: Any = None
        """FastStream's, whose consumer is read; needed for more than one message at once."""
        self._take = take
        self._at_once = at_once
        self._current: asyncio.Future[int] | None = None
        self._revoked = False

    async def take(self, record: Record) -> None:
        """Handle a message, and those beside it; raises NackMessage when it has to be delivered again."""
        self._revoked = False
        records = [record]
        try:
            records += await self._fetched()
            self._current = asyncio.ensure_future(self._take(records))
            self._rewind(records[await self._current :])
        except asyncio.CancelledError:
            if not self._revoked:
                raise
            self._hand_back(records, "revoked")
        except HandBack as error:
            self._hand_back(records, "away", error.message)
        except Exception as error:
            log.exception("consumer_fault", group=self.name, topic=record.topic, error=type(error).__name__)
            await asyncio.sleep(FAULT_PAUSE_SECONDS)
            self._hand_back(records, "fault")
        finally:
            self._current = None

    async def _fetched(self) -> list[Record]:
        """What can be had without waiting; its positions move on by that."""
        if self._at_once == 1 or self.subscriber is None:
            return []
        found = await self.subscriber.consumer.getmany(timeout_ms=0, max_records=self._at_once - 1)
        return [to_record(each) for fetched in found.values() for each in fetched]

    def _rewind(self, records: Sequence[Record]) -> None:
        """Let messages be delivered again, as far as their partitions are still this consumer's."""
        firsts: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            firsts[place] = min(record.offset, firsts.get(place, record.offset))
        for place, offset in firsts.items():
            try:
                self.subscriber.consumer.seek(place, offset)
            except IllegalStateError:
                log.info("partition_given_up", group=self.name, topic=place.topic, partition=place.partition)

    def _hand_back(self, records: Sequence[Record], reason: str, detail: str = "") -> None:
        topics = sorted({record.topic for record in records})
        HANDED_BACK.labels(self.name, reason).inc(len(records))
        log.info(
            "handed_back", group=self.name, topics=topics, count=len(records), reason=reason, detail=detail
        )
        self._rewind(records[1:])  # FastStream rewinds to the first
        raise NackMessage

    async def on_partitions_revoked(self, _: object) -> None:
        """Let the current turn finish for a while, then cancel it."""
        current = self._current
        if current is None:
            return
        _, unfinished = await asyncio.wait({current}, timeout=REVOKE_GRACE_SECONDS)
        if unfinished:
            self._revoked = True
            current.cancel()
            await asyncio.wait({current})

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Nothing is to be done: positions come from the broker."""
