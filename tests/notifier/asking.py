"""What the gateway asks the notifier, answered by the table of answers."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.notifier.notifying import ACME, Notifier
from vivavoce.chassis.errors import VivaError
from vivavoce.contracts import (
    AttemptsListed,
    DeliveriesListed,
    GetWebhook,
    ListAttempts,
    ListDeliveries,
    ListWebhooks,
    Question,
    Value,
    WebhookEndpoint,
    WebhookFound,
    WebhooksListed,
)

GLOBEX = "org_globex"
REPLY = TypeVar("REPLY", bound=Value)


async def ask(
    notifier: Notifier,
    question: Question,
    kind: type[REPLY],
    organization: str = ACME,
    question_id: str | None = None,
) -> REPLY:
    """The reply to a question of an organization, as the notifier's table gives it."""
    rows = {row.question: row.handle for row in notifier.parts.questions.rows()}
    reply = await rows[type(question)](question, notifier.context(organization, question_id))
    assert isinstance(reply, kind)
    return reply


def answers_of(notifier: Notifier) -> Callable[[Question], Awaitable[Value]]:
    """What a bench of the gateway can be given, so that this notifier answers what it asks."""

    def answer(question: Question) -> Awaitable[Value]:
        organization = getattr(question, "organization_id", ACME)
        return ask(notifier, question, question.reply, organization)

    return answer


async def found(notifier: Notifier, endpoint_id: str) -> WebhookEndpoint:
    """An endpoint as it is told."""
    question = GetWebhook(organization_id=ACME, endpoint_id=endpoint_id)
    return (await ask(notifier, question, WebhookFound)).endpoint


async def all_endpoints(notifier: Notifier, limit: int, organization: str = ACME) -> list[list[str]]:
    """The addresses of an organization's endpoints, page by page."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while True:
        question = ListWebhooks(organization_id=organization, cursor=cursor, limit=limit)
        page = await ask(notifier, question, WebhooksListed, organization)
        pages.append([endpoint.url for endpoint in page.endpoints])
        if (cursor := page.next_cursor) is None:
            return pages


async def all_deliveries(notifier: Notifier, organization: str = ACME, **wish: object) -> list[list[str]]:
    """The event ids of deliveries, page by page."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while True:
        asked = {"organization_id": organization, "cursor": cursor, **wish}
        page = await ask(notifier, ListDeliveries.model_validate(asked), DeliveriesListed, organization)
        pages.append([delivery.event_id for delivery in page.deliveries])
        if (cursor := page.next_cursor) is None:
            return pages


async def all_attempts(notifier: Notifier, **wish: object) -> list[tuple[str, int | None]]:
    """The event ids and statuses of attempts."""
    asked = {"organization_id": ACME, **wish}
    page = await ask(notifier, ListAttempts.model_validate(asked), AttemptsListed)
    return [(attempt.event_id, attempt.status) for attempt in page.attempts]


def fields_of(error: VivaError) -> list[str]:
    """The fields that an error names."""
    return [problem.path for problem in error.problems]
