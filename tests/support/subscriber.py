"""A webhook endpoint of a running stack: registered, listening, and checked with the published library."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.support.live import LiveStack, eventually
from tests.support.receiver import Delivered, Receiver

EVENTS = ("score.generated", "interview.completed")


@dataclass(frozen=True)
class Subscriber:
    """What the registration answered, and what the endpoint was sent since."""

    stack: LiveStack
    receiver: Receiver
    registered: dict[str, Any]

    @property
    def secret(self) -> str:
        """The secret in the form that standard libraries take."""
        return str(self.registered["secret"])

    async def listed(self) -> dict[str, Any]:
        """The endpoint as the gateway lists it."""
        answered = await self.stack.client.get("/api/webhooks")
        assert answered.status_code == 200, answered.text
        found = {webhook["id"]: webhook for webhook in answered.json()["webhooks"]}
        return dict(found[self.registered["id"]])

    async def told_of(self, interview_id: str, facts: int, within: float) -> None:
        """Return when so many facts of the interview have come, and nothing waits to be sent."""

        async def settled() -> bool:
            waiting = (await self.listed())["deliveries"]["pending"]
            return len(self.receiver.ids_of(interview_id)) == facts and waiting == 0

        await eventually(settled, within)

    def believed(self, delivered: Delivered) -> dict[str, Any]:
        """The message, if its signature is right; raises WebhookVerificationError."""
        return dict(Webhook(self.secret).verify(delivered.body, delivered.headers))


@asynccontextmanager
async def subscribed(
    stack: LiveStack, *, secret: str | None = None, refusals: tuple[int, ...] = ()
) -> AsyncIterator[Subscriber]:
    """An endpoint that answers the first tries with these statuses and all others well."""
    with Receiver(statuses=list(refusals)).running() as receiver:
        yield Subscriber(stack, receiver, await register(stack, receiver.url, secret=secret))


async def register(stack: LiveStack, url: str, *, secret: str | None = None) -> dict[str, Any]:
    """Register an endpoint; the answer, which has to come at the first time of asking."""
    chosen = {} if secret is None else {"secret": secret}
    body = {"url": url, "events": list(EVENTS), **chosen}
    answered = await stack.client.post("/api/webhooks/register", json=body)
    assert answered.status_code == 201, answered.text
    return dict(answered.json())
