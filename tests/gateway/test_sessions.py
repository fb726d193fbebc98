"""Sessions last while they are refreshed, end when they should, and show a stolen token."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.support.gateway import GatewayBench
from tests.support.people import People, accounts_bench, second_instance, tokens
from vivavoce.chassis.memory_documents import MemoryCollection

CAFE = "198.51.100.7"


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return accounts_bench(tmp_path)


@pytest.fixture
def people(gateway: GatewayBench) -> People:
    return People(gateway.app)


async def test_a_refresh_token_gives_new_tokens_once(gateway: GatewayBench, people: People) -> None:
    first = await tokens(people.register())
    second = await tokens(people.refresh(first["refresh_token"]))
    assert second["user"] == first["user"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await people.me(second["access_token"])).status_code == 200
    third = await tokens(people.refresh(second["refresh_token"]))
    assert (await people.me(third["access_token"])).status_code == 200


async def test_a_token_used_by_two_ends_the_whole_session_and_is_told(
    gateway: GatewayBench, people: People
) -> None:
    first = await tokens(people.register())
    second = await tokens(people.refresh(first["refresh_token"]))
    with structlog.testing.capture_logs() as logs:
        assert (await people.refresh(first["refresh_token"], peer=CAFE)).status_code == 401
    assert [line["event"] for line in logs] == ["refresh_reused"]
    assert (await people.refresh(second["refresh_token"])).status_code == 401
    assert (await people.me(second["access_token"])).status_code == 401
    assert (await people.sign_in()).status_code == 200


async def test_a_token_used_again_after_its_successor_ends_the_session(people: People) -> None:
    first = await tokens(people.register())
    second = await tokens(people.refresh(first["refresh_token"]))
    third = await tokens(people.refresh(second["refresh_token"]))
    assert (await people.refresh(first["refresh_token"])).status_code == 401
    assert (await people.refresh(third["refresh_token"])).status_code == 401


async def test_a_client_whose_answer_got_lost_asks_again(people: People) -> None:
    first = await tokens(people.register())
    await people.refresh(first["refresh_token"])
    again = await tokens(people.refresh(first["refresh_token"]))
    assert (await people.refresh(again["refresh_token"])).status_code == 200


async def test_of_two_who_shared_the_grace_the_second_to_come_back_ends_the_session(people: People) -> None:
    """A thief on the victim's own network: whoever refreshes with the voided token gives it away."""
    first = await tokens(people.register())
    one = await tokens(people.refresh(first["refresh_token"]))
    other = await tokens(people.refresh(first["refresh_token"]))
    assert (await people.refresh(one["refresh_token"])).status_code == 401
    assert (await people.refresh(other["refresh_token"])).status_code == 401
    assert (await people.me(other["access_token"])).status_code == 401


async def test_the_grace_ends(gateway: GatewayBench, people: People) -> None:
    first = await tokens(people.register())
    await people.refresh(first["refresh_token"])
    await gateway.clock.advance(timedelta(seconds=6))
    await tokens(people.refresh(first["refresh_token"]))
    await gateway.clock.advance(timedelta(seconds=6))
    assert (await people.refresh(first["refresh_token"])).status_code == 401


async def test_without_grace_every_second_use_ends_the_session(gateway: GatewayBench, people: People) -> None:
    strict = People(second_instance(gateway, refresh_grace_seconds=0))
    first = await tokens(strict.register())
    await tokens(strict.refresh(first["refresh_token"]))
    assert (await strict.refresh(first["refresh_token"])).status_code == 401


async def test_a_session_ends_when_nothing_is_refreshed_for_a_week(
    gateway: GatewayBench, people: People
) -> None:
    last = await tokens(people.register())
    for _ in range(3):
        await gateway.clock.advance(timedelta(days=6, hours=23))
        last = await tokens(people.refresh(last["refresh_token"]))
    await gateway.clock.advance(timedelta(days=7))
    assert (await people.refresh(last["refresh_token"])).status_code == 401


async def test_a_session_ends_after_a_month_however_often_it_is_refreshed(
    gateway: GatewayBench, people: People
) -> None:
    last = await tokens(people.register())
    for _ in range(5):
        await gateway.clock.advance(timedelta(days=5, hours=23))
        last = await tokens(people.refresh(last["refresh_token"]))
    await gateway.clock.advance(timedelta(hours=5, seconds=1))
    assert (await people.me(last["access_token"])).status_code == 401
    assert (await people.refresh(last["refresh_token"])).status_code == 401


async def test_an_access_token_ends_after_a_quarter_of_an_hour(gateway: GatewayBench, people: People) -> None:
    access = (await tokens(people.register()))["access_token"]
    await gateway.clock.advance(timedelta(minutes=14, seconds=59))
    assert (await people.me(access)).status_code == 200
    await gateway.clock.advance(timedelta(seconds=1))
    assert (await people.me(access)).status_code == 401


async def test_signing_out_ends_this_session_and_no_other(people: People) -> None:
    one, other = await tokens(people.register()), await tokens(people.sign_in())
    assert (await people.leave(one["access_token"])).status_code == 204
    assert (await people.me(one["access_token"])).status_code == 401
    assert (await people.refresh(one["refresh_token"])).status_code == 401
    assert (await people.me(other["access_token"])).status_code == 200


async def test_signing_out_everywhere_ends_all_of_them_and_nobody_elses(people: People) -> None:
    one, other = await tokens(people.register()), await tokens(people.sign_in())
    somebody = await tokens(people.register("grace@example.org"))
    assert (await people.leave(one["access_token"], everywhere=True)).status_code == 204
    for ended in (one, other):
        assert (await people.me(ended["access_token"])).status_code == 401
        assert (await people.refresh(ended["refresh_token"])).status_code == 401
    assert (await people.me(somebody["access_token"])).status_code == 200
    assert (await people.sign_in()).status_code == 200


@pytest.mark.parametrize("everywhere", [False, True])
async def test_another_instance_knows_of_an_ended_session_within_a_second(
    gateway: GatewayBench, people: People, everywhere: bool
) -> None:
    elsewhere = People(second_instance(gateway))
    access = (await tokens(people.register()))["access_token"]
    assert (await elsewhere.me(access)).status_code == 200
    await people.leave(access, everywhere=everywhere)
    await gateway.clock.advance(timedelta(seconds=1))
    assert (await elsewhere.me(access)).status_code == 401


async def test_a_session_is_not_asked_for_at_every_request(
    gateway: GatewayBench, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = (await tokens(people.register()))["access_token"]
    reader = gateway.parts.accounts.sessions.reader
    looks = 0
    find = MemoryCollection.find_in_all_organizations

    async def watched(collection: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal looks
        looks += 1
        return await find(collection, *args, **kwargs)

    monkeypatch.setattr(MemoryCollection, "find_in_all_organizations", watched)
    for _ in range(5):
        await reader.recognize(access)
    assert looks == 2
    await gateway.clock.advance(timedelta(seconds=1))
    await reader.recognize(access)
    assert looks == 4


@pytest.mark.parametrize("bad", ["", "vivar_", "vivar_" + "A" * 43, "x" * 200, "vivar_" + "ş" * 43])
async def test_an_unknown_refresh_token_is_refused(people: People, bad: str) -> None:
    assert (await people.refresh(bad)).status_code == 401


async def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(people: People) -> None:
    mine = await tokens(people.register())
    assert (await people.refresh(mine["access_token"])).status_code in {400, 401}
    assert (await people.me(mine["refresh_token"])).status_code == 401


async def test_refresh_tokens_are_stored_as_hashes(gateway: GatewayBench, people: People) -> None:
    mine = await tokens(people.register())
    stored = repr(gateway.database._tables._tables)
    assert mine["refresh_token"] not in stored
    assert mine["access_token"] not in stored
