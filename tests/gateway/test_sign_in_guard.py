"""Guessing is slowed down where it comes from, and nobody can keep anybody else out."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.gateway import GatewayBench
from tests.support.people import ADA, HOME, PHRASE, WRONG, People, accounts_bench, second_instance
from vivavoce.gateway.accounts.attempts import wait_after
from vivavoce.gateway.accounts.origins import origin_of
from vivavoce.gateway.accounts.settings import AccountSettings
from vivavoce.gateway.limits.addresses import address_of

NEIGHBOUR = "203.0.113.200"
ELSEWHERE = "198.51.100.1"
FRESH = "192.0.2.77"
OTHERS = (NEIGHBOUR, ELSEWHERE, "198.51.100.2", "2001:db8::1", "2001:db8::2", "::ffff:198.51.100.3")


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return accounts_bench(tmp_path)


@pytest.fixture
async def people(gateway: GatewayBench) -> People:
    people = People(gateway.app)
    assert (await people.register()).status_code == 201
    return people


async def guess(people: People, times: int, peer: str, email: str = ADA) -> list[int]:
    return [(await people.sign_in(email, WRONG, peer=peer)).status_code for _ in range(times)]


async def test_after_five_wrong_passwords_the_network_waits(people: People) -> None:
    assert await guess(people, 6, ELSEWHERE) == [401] * 5 + [429]
    assert await guess(people, 1, "198.51.100.250") == [429]
    refused = await people.sign_in(peer=ELSEWHERE)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")


async def test_each_further_wrong_password_doubles_the_wait(gateway: GatewayBench, people: People) -> None:
    await guess(people, 5, ELSEWHERE)
    for seconds in (1, 2, 4, 8):
        refused = await people.sign_in(peer=ELSEWHERE)
        assert refused.headers["retry-after"] == str(seconds)
        await gateway.clock.advance(timedelta(seconds=seconds))
        assert await guess(people, 1, ELSEWHERE) == [401]


async def test_asking_while_refused_makes_the_wait_no_longer(gateway: GatewayBench, people: People) -> None:
    await guess(people, 50, ELSEWHERE)
    await gateway.clock.advance(timedelta(seconds=1))
    assert (await people.sign_in(peer=ELSEWHERE)).status_code == 200


async def test_waits_end_at_the_longest() -> None:
    rules = AccountSettings(sign_in_longest_wait_seconds=900)
    assert wait_after(4, 5, rules) == timedelta()
    assert wait_after(5, 5, rules) == timedelta(seconds=1)
    assert wait_after(10**9, 5, rules) == timedelta(seconds=900)


async def test_unknown_emails_are_refused_like_known_ones(people: People) -> None:
    nobody = await guess(people, 7, ELSEWHERE, "nobody@example.org")
    assert nobody == await guess(people, 7, ELSEWHERE)


async def test_one_address_that_tries_many_accounts_waits(people: People) -> None:
    answers = [(await guess(people, 1, ELSEWHERE, f"p{each}@example.org"))[0] for each in range(31)]
    assert answers == [401] * 30 + [429]
    assert (await people.sign_in(peer=ELSEWHERE)).status_code == 429
    assert (await people.sign_in(peer="198.51.100.2")).status_code == 200


async def test_own_accounts_buy_no_guesses_at_others(people: People) -> None:
    answers: list[int] = []
    for each in range(31):
        if each % 10 == 9:
            assert (await people.register(f"m{each}@example.org", peer=ELSEWHERE)).status_code == 201
            assert (await people.sign_in(f"m{each}@example.org", peer=ELSEWHERE)).status_code == 200
        answers += await guess(people, 1, ELSEWHERE, f"p{each}@example.org")
    assert answers == [401] * 30 + [429]


async def test_the_right_password_takes_the_failures_back(people: People) -> None:
    for _ in range(3):
        assert await guess(people, 4, HOME) == [401] * 4
        assert (await people.sign_in()).status_code == 200


async def test_many_guesses_at_once_are_no_way_around_the_count(people: People) -> None:
    answers = await asyncio.gather(*(people.sign_in(ADA, WRONG, peer=ELSEWHERE) for _ in range(30)))
    assert sorted(each.status_code for each in answers) == [401] * 5 + [429] * 25


async def test_instances_count_together(gateway: GatewayBench, people: People) -> None:
    other = People(second_instance(gateway))
    assert await guess(people, 3, ELSEWHERE) == [401] * 3
    assert await guess(other, 3, ELSEWHERE) == [401, 401, 429]


async def test_wrong_passwords_are_forgotten_after_a_day(gateway: GatewayBench, people: People) -> None:
    await guess(people, 5, ELSEWHERE)
    await gateway.clock.advance(timedelta(days=1))
    assert await guess(people, 6, ELSEWHERE) == [401] * 5 + [429]


async def test_the_owner_gets_in_from_a_known_address_whatever_the_neighbours_do(people: People) -> None:
    assert (await guess(people, 10, NEIGHBOUR))[-1] == 429
    assert (await people.sign_in(peer=HOME)).status_code == 200


async def test_who_guesses_from_a_known_address_waits_there_alone(people: People) -> None:
    assert (await guess(people, 6, HOME))[-1] == 429
    assert (await people.sign_in(peer=HOME)).status_code == 429
    assert (await people.sign_in(peer=NEIGHBOUR)).status_code == 200


async def test_an_address_is_known_for_ninety_days(gateway: GatewayBench, people: People) -> None:
    await gateway.clock.advance(timedelta(days=90))
    await guess(people, 10, NEIGHBOUR)
    assert (await people.sign_in(peer=HOME)).status_code == 429


async def test_neither_emails_nor_addresses_are_stored_with_the_counts(
    gateway: GatewayBench, people: People
) -> None:
    await guess(people, 2, ELSEWHERE)
    for name in ("sign_in_failures", "known_addresses"):
        stored = repr(gateway.database._tables.table(name))
        assert stored != "{}"
        assert not any(secret in stored for secret in (ADA, ELSEWHERE, HOME))


@pytest.mark.parametrize(
    ("host", "address", "network"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("/run/gateway.sock", "unknown", "unknown"),
    ],
)
def test_an_origin_is_an_address_and_its_network(host: str, address: str, network: str) -> None:
    found = origin_of(address_of({"client": (host, 1)}, ()))
    assert (found.address, found.network) == (address, network)


async def test_behind_a_trusted_proxy_guesses_count_where_they_come_from(gateway: GatewayBench) -> None:
    people = People(second_instance(gateway, limit_trusted_proxies=(ip_network("10.0.0.0/8"),)))
    await people.register(peer=FRESH)
    body = {"email": ADA, "password": WRONG}
    via = {"X-Forwarded-For": ELSEWHERE}
    guesses = [await people.send("POST", "login", body, peer="10.0.0.1", headers=via) for _ in range(6)]
    assert [each.status_code for each in guesses] == [401] * 5 + [429]
    owner = {"X-Forwarded-For": HOME}
    body["password"] = PHRASE
    assert (await people.send("POST", "login", body, peer="10.0.0.1", headers=owner)).status_code == 200


@dataclass(frozen=True)
class Act:
    """Something an attacker does, from one or several addresses that aren't the owner's."""

    door: str
    peer: str
    times: int
    seconds: int


ACTS = st.builds(
    Act,
    door=st.sampled_from(["login", "register", "refresh", "spray"]),
    peer=st.sampled_from(OTHERS),
    times=st.sampled_from([1, 6, 12]),
    seconds=st.sampled_from([0, 0, 1, 60, 3_600]),
)


async def attack(bench: GatewayBench, people: People, act: Act) -> None:
    for each in range(act.times):
        if act.door == "login":
            await people.sign_in(ADA, WRONG, peer=act.peer)
        elif act.door == "register":
            await people.register(ADA, WRONG, peer=act.peer)
        elif act.door == "refresh":
            await people.refresh("vivar_" + "A" * 43, peer=act.peer)
        else:
            for other in range(3):
                await people.sign_in(f"p{each}.{other}@example.org", WRONG, peer=act.peer)
    await bench.clock.advance(timedelta(seconds=act.seconds))


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(acts=st.lists(ACTS, max_size=5))
def test_whatever_others_do_the_owner_gets_in(acts: list[Act]) -> None:
    async def story() -> None:
        with TemporaryDirectory() as folder:
            bench = accounts_bench(Path(folder))
        people = People(bench.app)
        assert (await people.register()).status_code == 201
        for act in acts:
            await attack(bench, people, act)
            assert (await people.sign_in(peer=HOME)).status_code == 200
        assert (await people.sign_in(peer=FRESH)).status_code == 200
        assert (await people.sign_in(password=PHRASE, peer="2001:db8:ffff::1")).status_code == 200

    asyncio.run(story())
