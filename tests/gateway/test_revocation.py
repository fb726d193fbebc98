"""What one instance takes back, every other refuses: by the event, or without it within a second."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.databases import turns
from tests.support.gateway import GatewayBench, submission, token
from tests.support.interview_facts import AnswerFacts
from tests.support.people import OPEN, OTHER_PHRASE, People, tokens
from tests.support.sse import open_stream
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.memory_documents import MemoryCollection
from vivavoce.contracts import AccessChanged, AccessKind

KEYS = "/api/admin/api-keys"
LINKS = "/api/candidate-links"
ROLES = "/api/admin/roles"
ME = "/api/v1/auth/me"
RECORD = "/api/interview-record"
ANSWER = AnswerFacts()
SECOND = timedelta(seconds=1)

Given = tuple[dict[str, str], str, Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]]
"""The headers of somebody, the path that they may read, and how that is taken back."""


@pytest.fixture
def here(tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, **OPEN)


@pytest.fixture
def there(tmp_path: Path, here: GatewayBench) -> GatewayBench:
    """Another instance, which shares the database and the clock only."""
    return GatewayBench(tmp_path, beside=here, graphql_recheck_seconds=3_600, **OPEN)


async def a_key(here: GatewayBench) -> Given:
    async with here.client() as client:
        made = (await client.post(KEYS, json={"name": "key", "scopes": ["keys:manage"]})).json()
    return {"apiKey": made["key"]}, KEYS, lambda client: client.delete(f"{KEYS}/{made['id']}")


async def a_link(here: GatewayBench) -> Given:
    record = (await here.submit())["interviewRecordId"]
    async with here.client() as client:
        made = (await client.post(LINKS, json={"interviewRecordId": record})).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    return headers, f"{RECORD}/{record}", lambda client: client.delete(f"{LINKS}/{made['id']}")


async def a_role(here: GatewayBench) -> Given:
    async with here.client() as client:
        await client.post(ROLES, json={"userId": "ada", "role": "admin"})
    headers = {"Authorization": f"Bearer {token(role='candidate', subject='ada')}"}
    demotion = {"userId": "ada", "role": "candidate"}
    return headers, KEYS, lambda client: client.post(ROLES, json=demotion)


async def signed_in(here: GatewayBench) -> tuple[dict[str, str], People]:
    """A candidate with an account, and the people that they are among."""
    people = People(here.app)
    access = (await tokens(people.register()))["access_token"]
    return {"Authorization": f"Bearer {access}"}, people


def bearer(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


async def a_session(here: GatewayBench) -> Given:
    headers, people = await signed_in(here)
    return headers, ME, lambda _: people.leave(bearer(headers))


async def every_session(here: GatewayBench) -> Given:
    headers, people = await signed_in(here)
    other = (await tokens(people.sign_in()))["access_token"]
    return headers, ME, lambda _: people.leave(other, everywhere=True)


async def a_password(here: GatewayBench) -> Given:
    headers, people = await signed_in(here)
    other = (await tokens(people.sign_in()))["access_token"]
    return headers, ME, lambda _: people.change_password(other)


async def a_role_of_an_account(here: GatewayBench) -> Given:
    headers, _ = await signed_in(here)
    async with here.client() as client:
        (account,) = [
            each["id"]
            for each in (await client.get("/api/admin/users")).json()["users"]
            if each["id"].startswith("account_")
        ]
        await client.post(ROLES, json={"userId": account, "role": "admin"})
    demotion = {"userId": account, "role": "candidate"}
    return headers, KEYS, lambda client: client.post(ROLES, json=demotion)


async def status(gateway: GatewayBench, given: Given) -> int:
    async with gateway.caller(given[0]) as client:
        return (await client.get(given[1])).status_code


async def take_back(here: GatewayBench, given: Given) -> None:
    async with here.client() as client:
        assert (await given[2](client)).is_success


@pytest.mark.parametrize(
    ("give", "refusal"),
    [
        (a_key, 401),
        (a_link, 401),
        (a_role, 403),
        (a_session, 401),
        (every_session, 401),
        (a_password, 401),
        (a_role_of_an_account, 403),
    ],
)
class TestTakenBack:
    async def test_it_is_refused_elsewhere_as_soon_as_the_event_is_heard(
        self,
        here: GatewayBench,
        there: GatewayBench,
        give: Callable[[GatewayBench], Awaitable[Given]],
        refusal: int,
    ) -> None:
        given = await give(here)
        assert await status(there, given) == 200
        await take_back(here, given)
        assert await status(here, given) == refusal
        assert await status(there, given) == 200
        await there.hear_of_access()
        assert await status(there, given) == refusal

    async def test_without_the_event_it_is_refused_elsewhere_within_a_second(
        self,
        here: GatewayBench,
        there: GatewayBench,
        give: Callable[[GatewayBench], Awaitable[Given]],
        refusal: int,
    ) -> None:
        given = await give(here)
        assert await status(there, given) == 200
        await take_back(here, given)
        await here.clock.advance(SECOND / 2)
        assert await status(there, given) == 200
        await here.clock.advance(SECOND / 2)
        assert await status(there, given) == refusal

    async def test_one_that_is_in_use_is_refused_at_the_next_look_in_the_background(
        self,
        here: GatewayBench,
        there: GatewayBench,
        give: Callable[[GatewayBench], Awaitable[Given]],
        refusal: int,
    ) -> None:
        given = await give(here)
        for _ in range(5):
            assert await status(there, given) == 200
            await here.clock.advance(SECOND / 2)
            await there.parts.access.refresh()
        assert await status(there, given) == 200
        await take_back(here, given)
        await here.clock.advance(SECOND / 2)
        await there.parts.access.refresh()
        assert await status(there, given) == refusal

    async def test_while_the_database_is_away_nobody_is_believed_for_longer_than_a_second(
        self,
        here: GatewayBench,
        there: GatewayBench,
        give: Callable[[GatewayBench], Awaitable[Given]],
        refusal: int,
    ) -> None:
        given = await give(here)
        assert await status(there, given) == 200
        await take_back(here, given)
        here.database.away = True
        await here.clock.advance(SECOND)
        assert await status(there, given) == 503
        here.database.away = False
        assert await status(there, given) == refusal


async def test_who_is_demoted_is_told_nothing_more_of_what_is_not_theirs(
    here: GatewayBench, there: GatewayBench
) -> None:
    await here.submit()
    given = await a_role(here)
    path = f"{RECORD}/{ANSWER.interview_id}/events"
    async with open_stream(there.app, path, given[0]) as stream:
        await stream.until("interview.submitted")
        await take_back(here, given)
        await there.hear_of_access()
        await here.tell(ANSWER.scored())
        told = await stream.until_ended()
    assert [event["event"] for event in told] == ["interview.submitted"]


async def test_a_stream_outlives_the_token_that_opened_it(here: GatewayBench) -> None:
    await here.submit()
    path = f"{RECORD}/{ANSWER.interview_id}/events"
    async with open_stream(here.app, path, {"Authorization": f"Bearer {token()}"}) as stream:
        await stream.until("interview.submitted")
        assert here.settings.token_jwks_file is not None
        here.settings.token_jwks_file.write_text('{"keys": []}')
        await here.tell(ANSWER.scored())
        await stream.until("score.generated")


@pytest.mark.parametrize("give", [a_session, every_session, a_password])
async def test_a_session_that_ends_ends_the_streams_of_what_it_showed(
    here: GatewayBench, there: GatewayBench, give: Callable[[GatewayBench], Awaitable[Given]]
) -> None:
    given = await give(here)
    path = await submit_own(here, given[0])
    async with open_stream(there.app, path, given[0]) as stream:
        await stream.until("interview.submitted")
        await take_back(here, given)
        await there.hear_of_access()
        await here.tell(ANSWER.scored())
        told = await stream.until_ended()
    assert [event["event"] for event in told] == ["interview.submitted"]


async def test_a_stream_outlives_the_access_token_of_a_session_that_stands(
    here: GatewayBench, there: GatewayBench
) -> None:
    headers, people = await signed_in(here)
    path = await submit_own(here, headers)
    async with open_stream(there.app, path, headers) as stream:
        await stream.until("interview.submitted")
        await here.clock.advance(timedelta(seconds=here.settings.access_token_seconds))
        assert (await people.me(bearer(headers))).status_code == 401
        await here.tell(ANSWER.scored())
        await stream.until("score.generated")


async def submit_own(here: GatewayBench, headers: dict[str, str]) -> str:
    """Hand in the interview of the facts as somebody; the path of its events."""
    async with here.caller(headers) as client:
        assert (await client.post(RECORD, json=submission())).status_code == 202
    return f"{RECORD}/{ANSWER.interview_id}/events"


async def a_reading_key(here: GatewayBench) -> Given:
    async with here.client() as client:
        made = (await client.post(KEYS, json={"name": "key", "scopes": ["interviews:read"]})).json()
    return {"apiKey": made["key"]}, RECORD, lambda client: client.delete(f"{KEYS}/{made['id']}")


@pytest.mark.parametrize("give", [a_reading_key, a_session, every_session, a_password])
async def test_what_is_taken_back_ends_quiet_streams_as_soon_as_the_event_is_heard(
    here: GatewayBench, there: GatewayBench, give: Callable[[GatewayBench], Awaitable[Given]]
) -> None:
    """There the gateway looks by itself only once in an hour."""
    given, query = await give(here), quote("subscription { interviewCompleted { id } }")
    headers = {**given[0], "accept": "text/event-stream"}
    async with open_stream(there.app, "/graphql", headers, f"query={query}") as stream:
        await stream.until("still here")
        await take_back(here, given)
        await there.hear_of_access()
        told = await stream.until_ended()
    assert [event["event"] for event in told] == ["next", "complete"]
    assert "errors" in json.loads(told[0]["data"])


async def test_who_changes_the_password_goes_on_everywhere_and_all_others_end(
    here: GatewayBench, there: GatewayBench
) -> None:
    headers, people = await signed_in(here)
    other = (await tokens(people.sign_in()))["access_token"]
    elsewhere = People(there.app)
    for access in (bearer(headers), other):
        assert (await elsewhere.me(access)).status_code == 200
    assert (await people.change_password(bearer(headers), new=OTHER_PHRASE)).status_code == 204
    await there.hear_of_access()
    for instance in (people, elsewhere):
        assert (await instance.me(bearer(headers))).status_code == 200
        assert (await instance.me(other)).status_code == 401


async def test_whose_refresh_token_was_used_twice_is_out_everywhere(
    here: GatewayBench, there: GatewayBench
) -> None:
    people, elsewhere = People(here.app), People(there.app)
    mine = await tokens(people.register())
    newer = await tokens(people.refresh(mine["refresh_token"]))
    assert (await elsewhere.me(newer["access_token"])).status_code == 200
    assert (await people.refresh(mine["refresh_token"], peer="198.51.100.7")).status_code == 401
    await there.hear_of_access()
    assert (await elsewhere.me(newer["access_token"])).status_code == 401


async def test_what_ends_sessions_is_told_by_ids_alone(here: GatewayBench) -> None:
    people = People(here.app)
    one, other = await tokens(people.register()), await tokens(people.sign_in())
    await people.leave(one["access_token"])
    await people.leave(other["access_token"], everywhere=True)
    told = [fact for _, fact in await here.emitted() if isinstance(fact, AccessChanged)]
    assert {fact.kind for fact in told} == {AccessKind.SESSION}
    assert [fact.id.partition("_")[0] for fact in told] == ["session", "account"]


class Reads:
    """Counts the reads of documents by others than a unit of work."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        find = MemoryCollection.find_in_all_organizations

        async def counted(collection: Any, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return await find(collection, *args, **kwargs)

        patch.setattr(MemoryCollection, "find_in_all_organizations", counted)


async def test_a_hot_key_costs_no_read(here: GatewayBench, monkeypatch: pytest.MonkeyPatch) -> None:
    given = await a_key(here)
    await here.parts.api_keys.recognize(given[0]["apiKey"])
    reads = Reads(monkeypatch)
    for _ in range(100):
        await here.parts.api_keys.recognize(given[0]["apiKey"])
    assert reads.count == 0


async def test_guesses_at_one_key_cost_one_read_and_guesses_at_many_share_theirs(
    here: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Reads(monkeypatch)
    async with here.caller() as client:
        for number in range(20):
            guess = f"viva_{'0' * 12}_{number:043d}"
            assert (await client.get(KEYS, headers={"apiKey": guess})).status_code == 401
    assert reads.count == 1


async def test_a_wrong_secret_looks_like_an_unknown_key(here: GatewayBench) -> None:
    key = (await a_key(here))[0]["apiKey"]
    async with here.caller({"X-Correlation-ID": "same"}) as client:
        wrong = await client.get(KEYS, headers={"apiKey": f"{key[:-43]}{'A' * 43}"})
        unknown = await client.get(KEYS, headers={"apiKey": f"viva_{'0' * 12}_{'A' * 43}"})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.headers.keys() == unknown.headers.keys()


async def test_what_is_told_of_a_revocation_is_no_secret(here: GatewayBench) -> None:
    given = await a_key(here)
    await take_back(here, given)
    [(envelope, told)] = [each for each in await here.emitted() if isinstance(each[1], AccessChanged)]
    assert told.key == envelope.subject == "org_acme"
    assert given[0]["apiKey"][-43:] not in told.model_dump_json()


async def test_what_is_remembered_is_kept_fresh_and_written_down_by_itself(here: GatewayBench) -> None:
    given = await a_key(here)
    await status(here, given)
    access = here.parts.access
    working = [asyncio.create_task(work()) for work in (access.refresh_forever, access.write_forever)]
    await turns()
    await here.clock.advance(timedelta(seconds=5))
    await turns()
    for task in working:
        task.cancel()
    page = await here.parts.api_keys.get("org_acme", given[0]["apiKey"].split("_")[1])
    assert page.last_used_at is not None


async def test_a_gateway_that_ends_while_its_database_is_away_leaves_its_notes(here: GatewayBench) -> None:
    await status(here, await a_key(here))
    here.database.away = True
    with pytest.raises(InfrastructureAway):
        await here.parts.access.write()
    await here.parts.access.write_what_is_left()
