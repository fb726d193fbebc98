"""Open GraphQL streams: how many there may be, whether their credentials still hold, and how they end."""

import asyncio
from contextlib import ExitStack, suppress

import pytest

from tests.support.databases import until
from tests.support.gateway import GLOBEX
from tests.support.streams import a_stream
from vivavoce.chassis.errors import InfrastructureAway, Unauthenticated, VivaError
from vivavoce.gateway.auth.principals import Principal, Role, user
from vivavoce.gateway.graphql_http.refusals import Stopping, TooManyStreams
from vivavoce.gateway.graphql_http.streams import Stream, Streams

MANY = 1_000


def streams(**changes: float) -> Streams:
    limits = {"per_principal": 2, "per_organization": 3, "recheck": 0.01, **changes}
    return Streams(
        per_principal=int(limits["per_principal"]),
        per_organization=int(limits["per_organization"]),
        recheck=limits["recheck"],
    )


class Issuer:
    """Says whom credentials stand for, or why they don't."""

    def __init__(self) -> None:
        self.asked = 0
        self.says: Principal | Exception = a_principal()

    async def recognize(self) -> Principal:
        """What it says now."""
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def stream(self, credentials: object = "token") -> Stream:
        """A stream of the principal that it knows at first."""
        ended: asyncio.Future[VivaError] = asyncio.get_running_loop().create_future()
        return Stream(a_principal(), "sse", credentials, self.recognize, ended)


def a_principal(subject: str = "user-1") -> Principal:
    return user(subject, "org_acme", Role.ADMIN)


async def test_a_principal_may_have_some_and_an_organization_some_more() -> None:
    opened = streams()
    with ExitStack() as stack:
        for subject in ("one", "one", "two"):
            stack.enter_context(opened.open(a_stream(subject)))
        for subject in ("one", "three"):
            with pytest.raises(TooManyStreams):
                opened.check(a_stream(subject).principal)
        opened.check(a_stream("one", GLOBEX).principal)
    opened.check(a_stream("one").principal)


async def test_credentials_that_end_end_their_streams() -> None:
    opened, issuer = streams(), Issuer()
    stream = issuer.stream()
    with opened.open(stream):
        await until(lambda: issuer.asked > 1)
        assert not stream.ended.done()
        issuer.says = Unauthenticated("The token has expired.")
        assert isinstance(await stream.ended, Unauthenticated)


async def test_credentials_that_stand_for_somebody_else_now_end_them_too() -> None:
    opened, issuer = streams(), Issuer()
    stream = issuer.stream()
    with opened.open(stream):
        issuer.says = a_principal("somebody else")
        assert (await stream.ended).code == "forbidden"


@pytest.mark.parametrize("fault", [InfrastructureAway("The database is away."), ZeroDivisionError()])
async def test_what_cannot_be_found_out_ends_nothing(fault: Exception) -> None:
    opened, issuer = streams(), Issuer()
    issuer.says = fault
    stream = issuer.stream()
    with opened.open(stream):
        await until(lambda: issuer.asked > 2)
        assert not stream.ended.done()


async def test_a_revocation_can_be_looked_at_at_once() -> None:
    opened, issuer = streams(recheck=3_600), Issuer()
    stream = issuer.stream()
    with opened.open(stream):
        issuer.says = Unauthenticated("The API key has been revoked.")
        opened.look_again()
        assert isinstance(await stream.ended, Unauthenticated)


async def test_all_credentials_are_looked_at_together() -> None:
    opened, together = streams(recheck=3_600), asyncio.Barrier(2)

    async def recognize() -> Principal:
        await together.wait()
        raise Unauthenticated("The session has ended.")

    loop = asyncio.get_running_loop()
    both = [Stream(a_principal(), "sse", each, recognize, loop.create_future()) for each in ("one", "two")]
    with opened.open(both[0]), opened.open(both[1]):
        opened.look_again()
        for stream in both:
            assert isinstance(await stream.ended, Unauthenticated)


async def test_a_thousand_streams_of_one_token_are_one_task_and_one_look() -> None:
    opened, issuer = streams(per_principal=MANY, per_organization=MANY, recheck=3_600), Issuer()
    before = len(asyncio.all_tasks())
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(opened.open(issuer.stream()))
        opened.look_again()
        await until(lambda: issuer.asked > 0)
        assert len(asyncio.all_tasks()) == before + 1
    assert issuer.asked == 1


async def test_a_process_that_stops_ends_all_and_opens_no_more() -> None:
    opened, issuer = streams(), Issuer()
    stream = issuer.stream()

    async def reading() -> None:
        with opened.open(stream):
            await stream.ended

    reader = asyncio.create_task(reading())
    await until(lambda: len(opened) == 1)
    await opened.end_all(within=5)
    assert isinstance(stream.ended.result(), Stopping)
    assert len(opened) == 0
    with pytest.raises(Stopping):
        opened.check(a_principal())
    await reader


async def test_a_stream_that_does_not_end_is_not_waited_for_long() -> None:
    opened, issuer = streams(), Issuer()
    with opened.open(issuer.stream()), suppress(TimeoutError):
        await opened.end_all(within=0.01)
        assert len(opened) == 1
