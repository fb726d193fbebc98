"""What asking promises: an answer or the error that prevented it, within the deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.databases import ACME, CONTEXT, NOON
from tests.support.delivery import headers_of, memory_database, service
from vivavoce.chassis.answers import Answering, answer
from vivavoce.chassis.ask import Asker, error_of
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import (
    Conflict,
    DeadlineExceeded,
    InfrastructureAway,
    InvalidInput,
    NotFound,
    Overloaded,
    ProviderFault,
    VivaError,
)
from vivavoce.chassis.memory_bus import MemoryBus
from vivavoce.chassis.service import Service
from vivavoce.chassis.wire import Parcel
from vivavoce.contracts import (
    Actor,
    AskFailed,
    ListWebhooks,
    RegisterWebhook,
    WebhookEndpoint,
    WebhooksListed,
)
from vivavoce.contracts.fact import Value

LIST = ListWebhooks(organization_id=ACME)
SOON = timedelta(seconds=10)
AT_ONCE = timedelta(milliseconds=50)
LISTED = WebhooksListed(
    endpoints=(
        WebhookEndpoint(id="w1", url="https://hooks.example/", events=("*",), active=True, created_at=NOON),
    )
)

Handle = Callable[[ListWebhooks, Context], Awaitable[Value]]


class Exchange:
    """A gateway that asks and a notifier that answers, over one bus."""

    def __init__(self, *rows: Answering, at_once: int = 8) -> None:
        self.bus = MemoryBus()
        self.clock = ManualClock(NOON)
        database = memory_database(self.clock)
        gateway: Service = service("gateway", database=database, clock=self.clock)
        self.asker = Asker(gateway.broker, database, service_name="gateway", owner="1", clock=self.clock)
        gateway.asker = self.asker
        self.bus.connect(gateway)
        self.bus.connect(service("notifier", answers=rows, clock=self.clock, answers_at_once=at_once))


def answered_with(handle: Handle) -> Exchange:
    return Exchange(answer(ListWebhooks, handle))


def failing_with(error: Exception) -> Exchange:
    async def fail(_: ListWebhooks, __: Context) -> Value:
        raise error

    return answered_with(fail)


async def list_one(_: ListWebhooks, __: Context) -> Value:
    return LISTED


async def never(_: ListWebhooks, __: Context) -> Value:
    await asyncio.Event().wait()
    return LISTED


async def test_a_question_is_answered_with_its_reply() -> None:
    assert await answered_with(list_one).asker.ask(LIST, CONTEXT, within=SOON) == LISTED


async def test_questions_of_one_topic_find_their_own_handlers() -> None:
    async def refuse(_: RegisterWebhook, __: Context) -> Value:
        raise InvalidInput("not this one")

    exchange = Exchange(answer(RegisterWebhook, refuse), answer(ListWebhooks, list_one))

    assert await exchange.asker.ask(LIST, CONTEXT, within=SOON) == LISTED


async def test_the_handler_learns_for_whom_and_because_of_which_question_it_works() -> None:
    contexts: list[Context] = []

    async def look(_: ListWebhooks, context: Context) -> Value:
        contexts.append(context)
        return LISTED

    exchange = answered_with(look)
    await exchange.asker.ask(LIST, CONTEXT, within=SOON)

    [asked] = exchange.bus.records("notifier.requests")
    assert contexts[0].organization_id == ACME
    assert contexts[0].correlation_id == CONTEXT.correlation_id
    assert contexts[0].causation_id == headers_of(asked)["ce_id"]


@pytest.mark.parametrize("actor", [None, Actor(id="Zoë", kind="user", role="admin", origin="203.0.113.0/24")])
async def test_the_handler_learns_who_had_it_asked_and_from_where(actor: Actor | None) -> None:
    actors: list[Actor | None] = []

    async def look(_: ListWebhooks, context: Context) -> Value:
        actors.append(context.actor)
        return LISTED

    await answered_with(look).asker.ask(LIST, replace(CONTEXT, actor=actor), within=SOON)
    assert actors == [actor]


async def test_a_reply_is_a_cloud_event_that_the_question_caused() -> None:
    exchange = answered_with(list_one)
    await exchange.asker.ask(LIST, CONTEXT, within=SOON)

    [asked], [replied] = (exchange.bus.records(topic) for topic in ("notifier.requests", "gateway.replies"))
    headers = headers_of(replied)
    assert headers["ce_type"] == "webhook.list.reply"
    assert headers["ce_source"] == "/vivavoce/notifier"
    assert headers["ce_causationid"] == headers["ask_id"] == headers_of(asked)["ce_id"]
    assert headers_of(asked)["ask_deadline"] == (NOON + SOON).isoformat()


@pytest.mark.parametrize(
    "error",
    [NotFound("no such endpoint"), InvalidInput("not a URL"), ProviderFault("down"), Overloaded("full")],
)
async def test_the_error_that_a_service_names_is_raised_at_the_asker(error: VivaError) -> None:
    with pytest.raises(type(error), match=error.message):
        await failing_with(error).asker.ask(LIST, CONTEXT, within=SOON)


@pytest.mark.parametrize(("status", "kind"), [(409, Conflict), (404, NotFound), (418, VivaError)])
def test_an_error_that_the_asker_does_not_know_is_raised_by_its_status(
    status: int, kind: type[VivaError]
) -> None:
    error = error_of(AskFailed(code="unheard_of", status=status, message="no"))

    assert type(error) is kind
    assert error.details == {"code": "unheard_of"}


async def test_a_fault_of_the_service_is_told_without_its_details() -> None:
    with pytest.raises(VivaError) as raised:
        await failing_with(RuntimeError("password=1234")).asker.ask(LIST, CONTEXT, within=SOON)

    assert (raised.value.code, raised.value.status) == ("internal_error", 500)
    assert "1234" not in raised.value.message


async def test_no_answer_in_time_is_a_deadline_exceeded() -> None:
    with pytest.raises(DeadlineExceeded):
        await answered_with(never).asker.ask(LIST, CONTEXT, within=AT_ONCE)


async def test_nobody_there_to_answer_is_a_deadline_exceeded() -> None:
    with pytest.raises(DeadlineExceeded):
        await Exchange().asker.ask(LIST, CONTEXT, within=AT_ONCE)


async def test_a_broker_that_is_away_is_told_at_once() -> None:
    exchange = answered_with(list_one)
    exchange.bus.wire.away = True

    with pytest.raises(InfrastructureAway):
        await exchange.asker.ask(LIST, CONTEXT, within=SOON)


async def test_a_question_past_its_deadline_is_not_answered() -> None:
    asked: list[ListWebhooks] = []

    async def note(question: ListWebhooks, _: Context) -> Value:
        asked.append(question)
        return LISTED

    exchange = answered_with(note)
    await exchange.asker.ask(LIST, CONTEXT, within=SOON)
    await exchange.clock.advance(SOON)
    await ask_again(exchange)

    assert asked == [LIST]
    assert len(exchange.bus.records("gateway.replies")) == 1


async def test_a_question_that_comes_again_gets_the_same_answer_without_a_second_effect() -> None:
    asked: list[ListWebhooks] = []

    async def note(question: ListWebhooks, _: Context) -> Value:
        asked.append(question)
        return LISTED

    exchange = answered_with(note)
    await exchange.asker.ask(LIST, CONTEXT, within=SOON)
    await ask_again(exchange)

    first, second = exchange.bus.records("gateway.replies")
    assert asked == [LIST]
    assert (first.value, first.headers) == (second.value, second.headers)


async def ask_again(exchange: Exchange) -> None:
    await asyncio.sleep(0.01)
    [asked] = exchange.bus.records("notifier.requests")
    await exchange.bus.wire.send(Parcel(asked.topic, asked.key, asked.value, asked.headers))
    await asyncio.sleep(0.01)


async def test_a_slow_answer_does_not_keep_others_waiting() -> None:
    async def slow_once(question: ListWebhooks, context: Context) -> Value:
        return await (never if question.organization_id == "org_slow" else list_one)(question, context)

    exchange = answered_with(slow_once)
    slow = asyncio.create_task(
        exchange.asker.ask(ListWebhooks(organization_id="org_slow"), CONTEXT, within=SOON)
    )

    assert await exchange.asker.ask(LIST, CONTEXT, within=SOON) == LISTED
    slow.cancel()


async def test_a_service_with_too_many_questions_says_so() -> None:
    exchange = Exchange(answer(ListWebhooks, never), at_once=1)
    waiting = [asyncio.create_task(exchange.asker.ask(LIST, CONTEXT, within=SOON)) for _ in range(33)]
    await asyncio.sleep(0.01)

    with pytest.raises(Overloaded) as raised:
        await exchange.asker.ask(LIST, CONTEXT, within=SOON)

    assert raised.value.status == 503
    for task in waiting:
        task.cancel()


async def test_what_is_no_question_is_passed_over() -> None:
    exchange = answered_with(list_one)

    for headers in ((), (("ce_id", b"x"),), (("ask_deadline", b"soon"),)):
        await exchange.bus.wire.send(Parcel("notifier.requests", b"k", b"?", headers))

    assert await exchange.asker.ask(LIST, CONTEXT, within=SOON) == LISTED


async def test_an_answer_that_nobody_waits_for_is_nobodys() -> None:
    exchange = answered_with(list_one)
    await exchange.bus.wire.send(Parcel("gateway.replies", b"k", b"{}", (("ask_id", b"x"),), 0))

    assert await exchange.asker.ask(LIST, CONTEXT, within=SOON) == LISTED


async def test_an_answer_that_cannot_be_read_is_a_provider_fault() -> None:
    async def answer_nonsense(_: ListWebhooks, __: Context) -> Value:
        return LISTED.endpoints[0]

    with pytest.raises(ProviderFault):
        await answered_with(answer_nonsense).asker.ask(LIST, CONTEXT, within=SOON)
