"""The load that a server is measured with: bounded, and worth nothing when an answer is wrong."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.http_load import Call, WrongAnswer, ask


async def answering(status: int, body: str = "{}") -> TestServer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    return server


async def test_so_many_requests_are_made_and_no_more() -> None:
    server = await answering(200)
    numbers: list[int] = []

    def call_of(number: int) -> Call:
        numbers.append(number)
        return Call("GET", str(server.make_url("/")))

    answered = await ask(call_of, {}, callers=3, first=5, most=10)
    await server.close()

    assert sorted(numbers) == list(range(5, 15))
    assert len(answered.times) == 10


@pytest.mark.parametrize(("status", "body", "path"), [(500, "{}", "/"), (200, '{"errors": []}', "/graphql")])
async def test_a_wrong_answer_ends_the_measurement(status: int, body: str, path: str) -> None:
    server = await answering(status, body)
    call = Call("GET", str(server.make_url(path)))

    with pytest.raises(ExceptionGroup) as failed:
        await ask(lambda _: call, {}, callers=2, most=4)
    await server.close()

    assert all(isinstance(each, WrongAnswer) for each in failed.value.exceptions)
