"""Messages, deliveries and attempts are kept as long as the organization has chosen; leftovers do no harm."""

from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import scored
from vivavoce.chassis.documents import Document
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.contracts import DeliveryStatus
from vivavoce.notifier.endpoints import OrganizationSettings


async def kept(notifier: Notifier) -> tuple[int, int, int]:
    tables = notifier.parts.tables
    return (
        await tables.messages.count(ACME),
        await tables.deliveries.count(ACME),
        await tables.attempts.count(ACME),
    )


async def test_what_happened_is_forgotten_after_the_deployments_days() -> None:
    notifier = Notifier()
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.wait(days=29)
    assert await kept(notifier) == (1, 1, 1)
    await notifier.wait(days=1, minutes=2)
    assert await kept(notifier) == (0, 0, 0)


async def test_an_organization_may_choose_its_own_days() -> None:
    notifier = Notifier()
    chosen = OrganizationSettings(id=ACME, organization_id=ACME, retention_days=7)
    await notifier.store(notifier.parts.tables.organization_settings, chosen)
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.wait(days=7, minutes=2)
    assert await kept(notifier) == (0, 0, 0)


async def test_a_fact_is_kept_although_nobody_wants_it_yet() -> None:
    notifier = Notifier()
    await notifier.hear(scored(), "event-1")
    assert await kept(notifier) == (1, 0, 0)


async def test_a_delivery_whose_message_is_gone_is_cancelled() -> None:
    notifier = Notifier()
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.forget(notifier.parts.tables.messages, "event-1")
    await notifier.send_due()
    delivery = await notifier.delivery("event-1")
    assert delivery.status == DeliveryStatus.CANCELLED
    assert delivery.last_error == "the message is no longer kept"


class OldEndpoint(Document):
    """As it was stored before there were several secrets."""

    url: str = HOOK
    events: tuple[str, ...] = SCORES
    sealed_secret: str = "sealed"
    active: bool = True


class OldDelivery(Document):
    """As it was stored with its body and tries."""

    endpoint_id: str
    event_id: str
    body: str = "{}"


async def test_what_a_version_before_stored_is_cleared_away_at_the_start() -> None:
    notifier = Notifier()
    database = notifier.parts.database
    assert isinstance(database, MemoryDatabase)
    await notifier.register(f"{HOOK}/new", SCORES)
    await notifier.store(
        database.collection("endpoints", OldEndpoint), OldEndpoint(id="old", organization_id=ACME)
    )
    for number in range(3):
        old = OldDelivery(id=f"d{number}", organization_id=ACME, endpoint_id="old", event_id=f"e{number}")
        await notifier.store(database.collection("deliveries", OldDelivery), old)
    await notifier.parts.leftovers.clear()
    await notifier.hear(scored(), "event-1")
    assert await notifier.send_due() == 1
    assert [endpoint.url for endpoint in await notifier.listed()] == [f"{HOOK}/new"]
    assert await notifier.parts.tables.deliveries.count(ACME) == 1
