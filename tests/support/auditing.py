"""A gateway with a real notifier behind it, so that what is told to the audit log arrives there."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.notifier.notifying import Notifier
from tests.support.gateway import GatewayBench
from vivavoce.chassis.consumer import consume
from vivavoce.chassis.wire import Record
from vivavoce.contracts import AuditRecorded, Question, Value
from vivavoce.contracts.ids import new_id

SECRET = "s" * 32
HOOK = "https://hooks.example/vivavoce"


class AuditBench(GatewayBench):
    """Whatever is asked about webhooks, a notifier in memory answers; its records come by `deliver`."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.notifier = Notifier()
        public = base64.b64encode(bytes(self.notifier.own_key.public_key)).decode()
        options = {"notifier_public_key": public, "signing_secret": SECRET, **settings}
        super().__init__(folder, **options)
        self.asker.answer = self._answer
        self._rows = {row.question: row.handle for row in self.notifier.parts.questions.rows()}

    async def deliver(self) -> int:
        """Have the gateway consume what the notifier recorded so far, again too; how many records."""
        rows = await self.notifier.parts.database.outbox.pending(10_000)
        records = [row for row in rows if row.topic == AuditRecorded.type]
        for row in records:
            await consume(Record(row.topic, 0, 0, row.key, row.value, row.headers), self.consumer)
        return len(records)

    async def chain(self) -> None:
        """Have every entry chained."""
        while await self.sequencer.chain_once():
            pass

    async def _answer(self, question: Question) -> Value:
        _, context = self.asker.asked[-1]
        reply: Value = await self._rows[type(question)](question, replace(context, causation_id=new_id()))
        return reply
