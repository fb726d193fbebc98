"""Whatever people send to the doors of accounts: nothing fails on our side, and no secret is told."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.gateway import ACME, GatewayBench
from tests.support.people import (
    ADA,
    HOME,
    OTHER_PHRASE,
    PHRASE,
    WRONG,
    People,
    accounts_bench,
    tokens,
)
from tests.support.plain_log import log_plainly
from vivavoce.chassis.log import configure_logging

ELSEWHERE = "198.51.100.1"
DOORS = {
    "register": ("email", "password", "name"),
    "login": ("email", "password"),
    "refresh": ("refresh_token",),
    "password": ("current_password", "new_password"),
}


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return accounts_bench(tmp_path, log_level="DEBUG")


@pytest.fixture
def configure(gateway: GatewayBench) -> Iterator[Callable[[], None]]:
    """Logging as a process configures it, put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield lambda: configure_logging(gateway.settings)
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    log_plainly()


async def a_busy_day(gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call, right and wrong, and one that fails on our side; returns the secrets that were used."""
    people = People(gateway.app)
    first = await tokens(people.register())
    await people.register(password=WRONG)
    second = await tokens(people.refresh(first["refresh_token"]))
    await people.refresh(first["refresh_token"], peer=ELSEWHERE)
    for _ in range(7):
        await people.sign_in(password=WRONG, peer=ELSEWHERE)
    await people.register(password=ADA)
    third = await tokens(people.sign_in())
    await people.me(third["access_token"])
    await people.change_password(third["access_token"], WRONG)
    await people.change_password(third["access_token"])
    found = await gateway.parts.accounts._store.find(ACME, ADA)
    assert found is not None
    await people.leave(third["access_token"], everywhere=True)
    with monkeypatch.context() as broken:
        broken.setattr(gateway.parts.accounts._passwords._hasher, "verify_and_update", None)
        assert (await people.sign_in(password=OTHER_PHRASE)).status_code == 500
    sessions = (first, second, third)
    secrets = [each[name] for each in sessions for name in ("access_token", "refresh_token")]
    digests = list(gateway.database._tables.table("refresh_tokens"))
    return [*secrets, *digests, found.password_hash, PHRASE, OTHER_PHRASE, WRONG, ADA, HOME, ELSEWHERE]


async def test_neither_logs_nor_events_tell_a_secret_or_a_person(
    gateway: GatewayBench,
    configure: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure()
    secrets = await a_busy_day(gateway, monkeypatch)
    told = capsys.readouterr().out
    events = {json.loads(line)["event"] for line in told.splitlines()}
    assert {
        "refresh_reused",
        "sign_in_failed",
        "sign_in_refused",
        "password_changed",
        "request_crashed",
    } <= events
    assert [secret for secret in secrets if secret in told] == []
    assert [each for each in await gateway.emitted() if any(s in repr(each) for s in secrets)] == []


async def test_no_answer_shows_a_hash_or_what_was_sent(gateway: GatewayBench) -> None:
    people = People(gateway.app)
    mine = await tokens(people.register())
    answers = [
        await people.register(password=WRONG),
        await people.sign_in(password=WRONG),
        await people.change_password(mine["access_token"], WRONG),
        await people.me(mine["access_token"]),
        await people.refresh("vivar_" + "A" * 43),
    ]
    for answer in answers:
        assert not any(each in answer.text for each in (WRONG, "argon2", "A" * 43))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(), max_size=40),
    st.sampled_from(["", ADA, PHRASE, "a@b", "\x00" * 12, "\ud800" * 12, "x" * 2_000, "ﷺ" * 300]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["$gt", "$ne", "a"]), inner),
    max_leaves=6,
)


@cache
def open_bench() -> tuple[GatewayBench, str]:
    with TemporaryDirectory() as folder:
        bench = accounts_bench(
            Path(folder), sign_in_free_failures=10**6, sign_in_free_failures_of_address=10**6
        )
    mine = asyncio.run(tokens(People(bench.app).register("mine@example.org")))
    return bench, str(mine["access_token"])


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_body_is_answered_without_failing(door: str, data: st.DataObject) -> None:
    fields: Any = st.fixed_dictionaries({}, optional=dict.fromkeys(DOORS[door], VALUES))
    body = data.draw(fields | VALUES)
    bench, mine = open_bench()
    answer = asyncio.run(People(bench.app).send("POST", door, body, token=mine))
    assert answer.status_code in {200, 201, 400, 401, 409}, answer.text
