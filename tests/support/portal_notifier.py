"""A notifier in memory that endpoints and deliveries can be managed with; nothing is ever really sent."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from nacl.public import PublicKey, SealedBox

from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import FieldProblem, InvalidInput, NotFound
from vivavoce.contracts import (
    EXAMPLES,
    AttemptsListed,
    DeleteWebhook,
    DeliveriesListed,
    DeliveryFound,
    DeliveryStatus,
    DisabledReason,
    GetDelivery,
    GetReplay,
    GetWebhook,
    ListAttempts,
    ListDeliveries,
    ListWebhooks,
    Question,
    RegisterWebhook,
    ReplayDelivery,
    ReplayFound,
    ReplayState,
    ReplayWebhook,
    RotateWebhookSecret,
    SendTest,
    SwitchWebhook,
    Trigger,
    UpdateWebhook,
    Value,
    VerifyWebhook,
    WebhookAttempt,
    WebhookDeleted,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookFound,
    WebhookRegistered,
    WebhookReplay,
    WebhooksListed,
)

ITEM = TypeVar("ITEM")
SECRET = "whsec_bmV3IHNlY3JldCBmb3IgdGhlIHBvcnRhbA=="
OK = 204
FORBIDDEN_HOST = "internal.example"


class PortalNotifier:
    """Answers what the portal asks, and lets a test make things happen. Times are those of `clock`."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.endpoints: dict[str, WebhookEndpoint] = {}
        self.deliveries: dict[str, WebhookDelivery] = {}
        self.attempts: list[WebhookAttempt] = []
        self.asked: list[Question] = []
        self._replays: dict[str, WebhookReplay] = {}
        self._answers: dict[type[Question], Callable[[Any], Value]] = {
            RegisterWebhook: self._register,
            ListWebhooks: self._list_endpoints,
            GetWebhook: lambda asked: WebhookFound(endpoint=self._endpoint(asked)),
            UpdateWebhook: self._update,
            DeleteWebhook: self._delete,
            SwitchWebhook: self._switch,
            VerifyWebhook: self._verify,
            RotateWebhookSecret: self._rotate,
            ListDeliveries: self._list,
            GetDelivery: lambda asked: DeliveryFound(delivery=self._delivery(asked)),
            ListAttempts: self._list_attempts,
            SendTest: self._test,
            ReplayDelivery: self._replay_delivery,
            ReplayWebhook: self._replay,
            GetReplay: lambda asked: ReplayFound(replay=self._replays[asked.replay_id]),
        }

    def answer(self, question: Question) -> Value:
        """The answer to a question; raises what the notifier would refuse with."""
        self.asked.append(question)
        return self._answers[type(question)](question)

    def add(self, url: str, *events: str, **fields: Any) -> WebhookEndpoint:
        """An endpoint that is there already."""
        made = WebhookEndpoint(
            id=f"wh-{len(self.endpoints) + 1}",
            url=url,
            events=events or ("score.generated",),
            active=fields.pop("active", True),
            created_at=self.clock.now(),
            **fields,
        )
        self.endpoints[made.id] = made
        return made

    def deliver(
        self,
        endpoint: WebhookEndpoint,
        event: str = "score.generated",
        *,
        status: int | None = OK,
        error: str | None = None,
        trigger: Trigger = Trigger.SCHEDULE,
        data: dict[str, Any] | None = None,
        **fields: Any,
    ) -> WebhookDelivery:
        """An event of now, tried once: accepted, or with another status or error, failed."""
        number, now = len(self.deliveries) + 1, self.clock.now()
        content = data or EXAMPLES[event].model_dump(mode="json")
        accepted = status is not None and status < 300
        made = WebhookDelivery(
            id=f"dl-{number}",
            endpoint_id=endpoint.id,
            event_id=f"5f0c8c8e-4c87-4a58-9f53-{number:012}",
            event_type=event,
            status=DeliveryStatus.DELIVERED if accepted else DeliveryStatus.FAILED,
            created_at=now,
            updated_at=now,
            last_error=error or (None if accepted else f"the endpoint answered {status}"),
            body=json.dumps({"type": event, "timestamp": now.isoformat(), "data": content}),
        )
        self.deliveries[made.id] = made.model_copy(update=fields)
        self.try_again(made.id, status=status, error=error, trigger=trigger, keep=fields)
        return self.deliveries[made.id]

    def try_again(
        self,
        delivery_id: str,
        *,
        status: int | None = OK,
        error: str | None = None,
        trigger: Trigger = Trigger.SCHEDULE,
        keep: dict[str, Any] | None = None,
    ) -> None:
        """One more attempt of a delivery, which is accepted or not."""
        delivery = self.deliveries[delivery_id]
        now, accepted = self.clock.now(), status is not None and status < 300
        self.attempts.append(_attempt(delivery, self, status, error, trigger))
        ended = DeliveryStatus.DELIVERED if accepted else DeliveryStatus.FAILED
        changes = {
            "status": ended,
            "attempts": delivery.attempts + 1,
            "last_status": status,
            "updated_at": now,
        }
        self.deliveries[delivery_id] = delivery.model_copy(update=changes | (keep or {}))
        endpoint = self.endpoints[delivery.endpoint_id]
        counts = {"delivered": endpoint.delivered + accepted, "failed": endpoint.failed + (not accepted)}
        told = self.attempts[-1].error
        self._keep(endpoint, last_delivery_at=now, last_status=status, last_error=told, **counts)

    def change(self, endpoint_id: str, **changes: Any) -> None:
        """An endpoint that is otherwise from now on."""
        self._keep(self.endpoints[endpoint_id], **changes)

    def _endpoint(self, asked: Any) -> WebhookEndpoint:
        if asked.endpoint_id not in self.endpoints:
            raise NotFound(f"There is no webhook endpoint {asked.endpoint_id}.")
        return self.endpoints[asked.endpoint_id]

    def _delivery(self, asked: Any) -> WebhookDelivery:
        if asked.delivery_id not in self.deliveries:
            raise NotFound(f"There is no delivery {asked.delivery_id}.")
        return self.deliveries[asked.delivery_id]

    def _keep(self, endpoint: WebhookEndpoint, **changes: Any) -> WebhookFound:
        self.endpoints[endpoint.id] = endpoint.model_copy(update=changes | {"updated_at": self.clock.now()})
        return WebhookFound(endpoint=self.endpoints[endpoint.id])

    def _register(self, asked: RegisterWebhook) -> WebhookRegistered:
        if FORBIDDEN_HOST in asked.url:
            problem = FieldProblem("url", "leads to an address that isn't public")
            raise InvalidInput("The endpoint can't be called.", problems=(problem,))
        made = self.add(asked.url, *asked.events, options=asked.options)
        return WebhookRegistered(endpoint=made, secret=_sealed(asked.reply_key))

    def _list_endpoints(self, asked: ListWebhooks) -> WebhooksListed:
        since = asked.updated_after
        fitting = [
            each
            for each in self.endpoints.values()
            if since is None or (each.updated_at or each.created_at) > since
        ]
        page, cursor = _page(fitting, asked.cursor, asked.limit)
        return WebhooksListed(endpoints=page, next_cursor=cursor)

    def _update(self, asked: UpdateWebhook) -> WebhookFound:
        endpoint = self._endpoint(asked)
        named = {name: getattr(asked.options, name) for name in asked.named_options}
        return self._keep(
            endpoint,
            url=asked.url or endpoint.url,
            events=asked.events or endpoint.events,
            options=endpoint.options.model_copy(update=named),
        )

    def _delete(self, asked: DeleteWebhook) -> WebhookDeleted:
        del self.endpoints[self._endpoint(asked).id]
        return WebhookDeleted(endpoint_id=asked.endpoint_id)

    def _switch(self, asked: SwitchWebhook) -> WebhookFound:
        off = {"disabled_reason": DisabledReason.SWITCHED_OFF, "disabled_at": self.clock.now()}
        on = {"disabled_reason": None, "disabled_detail": None, "disabled_at": None}
        return self._keep(self._endpoint(asked), active=asked.active, **(on if asked.active else off))

    def _verify(self, asked: VerifyWebhook) -> WebhookFound:
        return self._keep(self._endpoint(asked), active=True, disabled_reason=None, disabled_detail=None)

    def _rotate(self, asked: RotateWebhookSecret) -> WebhookRegistered:
        return WebhookRegistered(endpoint=self._endpoint(asked), secret=_sealed(asked.reply_key))

    def _list(self, asked: ListDeliveries) -> DeliveriesListed:
        fitting = [each for each in reversed(self.deliveries.values()) if _fits(each, asked)]
        page, cursor = _page(fitting, asked.cursor, asked.limit)
        return DeliveriesListed(deliveries=page, next_cursor=cursor)

    def _list_attempts(self, asked: ListAttempts) -> AttemptsListed:
        fitting = [each for each in reversed(self.attempts) if each.delivery_id == asked.delivery_id]
        page, cursor = _page(fitting, asked.cursor, asked.limit)
        return AttemptsListed(attempts=page, next_cursor=cursor)

    def _test(self, asked: SendTest) -> DeliveryFound:
        made = self.deliver(self._endpoint(asked), asked.event_type, trigger=Trigger.TEST)
        return DeliveryFound(delivery=made)

    def _replay_delivery(self, asked: ReplayDelivery) -> DeliveryFound:
        self.try_again(self._delivery(asked).id, trigger=Trigger.REPLAY)
        return DeliveryFound(delivery=self._delivery(asked))

    def _replay(self, asked: ReplayWebhook) -> ReplayFound:
        replay = WebhookReplay(
            id=f"rp-{len(self._replays) + 1}",
            endpoint_id=asked.endpoint_id,
            since=asked.since,
            until=asked.until or self.clock.now() + timedelta(seconds=1),
            missing_only=asked.missing_only,
            state=ReplayState.RUNNING,
            queued=0,
            created_at=self.clock.now(),
        )
        within = [
            each
            for each in self.deliveries.values()
            if each.endpoint_id == asked.endpoint_id
            and replay.since <= each.created_at < replay.until
            and not (asked.missing_only and each.status == DeliveryStatus.DELIVERED)
        ]
        for each in within:
            self.try_again(each.id, trigger=Trigger.REPLAY)
        done = {"state": ReplayState.ENDED, "queued": len(within)}
        self._replays[replay.id] = replay.model_copy(update=done)
        return ReplayFound(replay=replay)


def _attempt(
    delivery: WebhookDelivery,
    notifier: PortalNotifier,
    status: int | None,
    error: str | None,
    trigger: Trigger,
) -> WebhookAttempt:
    accepted = status is not None and status < 300
    return WebhookAttempt(
        id=f"at-{len(notifier.attempts) + 1}",
        delivery_id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        at=notifier.clock.now(),
        duration=0.087 if status else 10.0,
        trigger=trigger,
        url=notifier.endpoints[delivery.endpoint_id].url,
        status=status,
        error=error or (None if accepted else f"the endpoint answered {status}"),
        request_headers={
            "content-type": "application/json",
            "user-agent": "Vivavoce/1",
            "webhook-id": delivery.event_id,
            "webhook-timestamp": str(int(notifier.clock.now().timestamp())),
            "webhook-signature": "v1,K5oZfzN95Z… v1a,hnO3f9T8Yt…",
        },
        response_headers={} if status is None else {"content-type": "text/plain", "server": "nginx"},
        response_body="" if accepted or status is None else "upstream is being deployed, try again soon",
    )


def _fits(delivery: WebhookDelivery, asked: ListDeliveries) -> bool:
    wanted = (
        (asked.endpoint_id, delivery.endpoint_id),
        (asked.status, delivery.status),
        (asked.event_type, delivery.event_type),
    )
    return (
        all(wish in {None, value} for wish, value in wanted)
        and (asked.since is None or delivery.created_at >= asked.since)
        and (asked.until is None or delivery.created_at < asked.until)
        and (asked.updated_after is None or delivery.updated_at > asked.updated_after)
    )


def _page(items: Sequence[ITEM], cursor: str | None, limit: int) -> tuple[tuple[ITEM, ...], str | None]:
    start = int(cursor or 0)
    end = start + limit
    return tuple(items[start:end]), str(end) if end < len(items) else None


def _sealed(reply_key: str) -> str:
    box = SealedBox(PublicKey(base64.b64decode(reply_key)))
    return base64.b64encode(box.encrypt(SECRET.encode())).decode()
