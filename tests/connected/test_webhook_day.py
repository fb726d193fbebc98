"""A subscriber that was down for a day gets everything when it is back: real database, real HTTP."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
import standardwebhooks
import svix

from tests.notifier.notifying import SCORES, SOURCE, Notifier
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.facts import scored
from tests.support.receiver import Receiver
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts import DeliveryStatus, WebhookFailing, WebhookRecovered
from vivavoce.contracts.ids import new_id
from vivavoce.notifier.adapters.http_sender import HttpSender
from vivavoce.notifier.settings import NotifierSettings

pytestmark = pytest.mark.connected
KEYS = ("ada", "grace", "mary")
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
async def notifier(embedded_mongo: EmbeddedMongo) -> AsyncIterator[Notifier]:
    # The database forgets by its own clock, so that this story may not lie further back.
    clock = ManualClock(datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))
    database = MongoDatabase(embedded_mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=clock)
    sender = HttpSender(NotifierSettings(allow_loopback_webhooks=True), clock)
    async with aclosing(sender):
        made = Notifier(
            sender, database, clock, webhook_retry_delays=(5, 300, 1800, 7200, 18000, 36000, 50400)
        )
        await database.prepare()
        yield made
    await database.close()


async def hear_of_each(notifier: Notifier, number: int) -> list[str]:
    """One fact of each key, a second apart; their ids."""
    event_ids = []
    for key in KEYS:
        event_ids.append(f"{key}-{number:02}")
        await notifier.hear(scored().model_copy(update={"interview_id": key}), event_ids[-1])
        await notifier.clock.advance(timedelta(seconds=1))
    return event_ids


def verify(receiver: Receiver, secret: str, patch: pytest.MonkeyPatch) -> None:
    """Every request by both published libraries, as at the time when it came."""
    for delivered in receiver.delivered:
        headers = {name.lower(): value for name, value in delivered.headers.items()}
        came = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        patch.setattr("standardwebhooks.webhooks.datetime", StoppedAt.moment(came))
        standardwebhooks.Webhook(secret).verify(delivered.body, headers)
        svix.Webhook(secret).verify(delivered.body, headers)


class StoppedAt(datetime):
    """Stands in for the libraries' `datetime`, whose present is a fixed one."""

    present: datetime

    @classmethod
    def moment(cls, present: datetime) -> type["StoppedAt"]:
        """The class with this present."""
        cls.present = present
        return cls

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "StoppedAt":
        """The fixed present."""
        return cls.fromtimestamp(cls.present.timestamp(), tz)


@pytest.mark.parametrize("ordered", [False, True])
async def test_after_a_day_everything_arrives_with_its_own_id(
    notifier: Notifier, ordered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver()
    with receiver.running():
        _, secret = await notifier.register(receiver.url, SCORES, ordered=ordered)
        event_ids = await hear_of_each(notifier, 0)
        await notifier.go_on(seconds=10)
    assert sorted(delivered.event_id for delivered in receiver.delivered) == event_ids
    for number in range(1, 7):
        event_ids += await hear_of_each(notifier, number)
        await notifier.go_on(HALF_AN_HOUR, hours=4)
    assert len(receiver.delivered) == len(KEYS)
    with receiver.running():
        await notifier.go_on(timedelta(minutes=2), minutes=16)
    arrived = [delivered.event_id for delivered in receiver.delivered]
    assert sorted(arrived) == sorted(event_ids)
    if ordered:
        assert [[one for one in arrived if one.startswith(key)] for key in KEYS] == [
            [one for one in event_ids if one.startswith(key)] for key in KEYS
        ]
    ends = {(await notifier.delivery(event_id)).status for event_id in event_ids}
    assert ends == {DeliveryStatus.DELIVERED}
    assert len(await notifier.told(WebhookFailing)) == len(await notifier.told(WebhookRecovered)) == 1
    verify(receiver, secret, monkeypatch)
