"""People register, sign in, read who they are and change their passwords."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway import ACME, LOCAL, GatewayBench, token
from tests.support.people import (
    ADA,
    OTHER_PHRASE,
    PHRASE,
    WRONG,
    People,
    accounts_bench,
    second_instance,
    tokens,
)
from vivavoce.gateway.accounts.hashing import Verdict

RECORD = "/api/interview-record"


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return accounts_bench(tmp_path)


@pytest.fixture
def people(gateway: GatewayBench) -> People:
    return People(gateway.app)


async def test_who_registers_is_signed_in_as_a_candidate(people: People) -> None:
    response = await people.register()
    body = response.json()
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert body["user"] == {
        "id": 1,
        "email": ADA,
        "name": "Ada",
        "role": "candidate",
        "created_at": "2026-03-02T12:00:00Z",
    }
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    assert (await people.me(body["access_token"])).json() == {
        **body["user"],
        "organization_id": ACME,
        "permissions": ["interviews:read", "interviews:write"],
    }


async def test_numbers_count_up_within_the_organization(people: People) -> None:
    found = [(await tokens(people.register(f"p{each}@example.org")))["user"]["id"] for each in range(3)]
    assert found == [1, 2, 3]


async def test_who_registered_signs_in_however_the_email_is_spelled(people: People) -> None:
    await people.register("Straße.İ@Example.org")
    for spelled in ("Straße.İ@Example.org", "STRASSE.i̇@EXAMPLE.ORG"):
        assert (await people.sign_in(spelled)).status_code == 200
        assert (await people.register(spelled)).status_code == 200


@pytest.mark.parametrize(
    ("typed", "retyped"),
    [("zwölf Türme im Nebel", "zwölf Türme im Nebel"), ("ﬁfteen ﬁne ﬁddles", "fifteen fine fiddles")],
)
async def test_a_password_is_the_same_on_every_keyboard(people: People, typed: str, retyped: str) -> None:
    await people.register(password=typed)
    assert (await people.sign_in(password=retyped)).status_code == 200


async def test_an_unknown_email_and_a_wrong_password_look_the_same(people: People) -> None:
    await people.register()
    wrong = await people.sign_in(password=WRONG)
    unknown = await people.sign_in("nobody@example.org", WRONG)
    different = {"x-correlation-id", "ratelimit"}
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.headers.keys() == unknown.headers.keys()
    assert all(wrong.headers[name] == unknown.headers[name] for name in wrong.headers.keys() - different)


async def test_an_unknown_email_and_a_wrong_password_cost_the_same(
    people: People, gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.register()
    work: list[str] = []
    hasher, database = gateway.parts.accounts._passwords._hasher, gateway.database
    verify, transact = hasher.verify_and_update, database.transact

    def watched_verify(password: str, stored: str) -> tuple[bool, str | None]:
        work.append(stored.rsplit("$", 2)[0])
        return verify(password, stored)

    async def watched_transact(context: Any, run: Any) -> Any:
        work.append("transaction")
        return await transact(context, run)

    monkeypatch.setattr(hasher, "verify_and_update", watched_verify)
    monkeypatch.setattr(database, "transact", watched_transact)
    await people.sign_in(password=WRONG)
    known, work[:] = list(work), []
    await people.sign_in("nobody@example.org", WRONG)
    assert known == work == ["transaction", "$argon2id$v=19$m=8,t=1,p=1", "transaction"]


async def test_registering_again_with_the_same_password_signs_in(people: People) -> None:
    first = await tokens(people.register())
    again = await people.register(name="Somebody else")
    assert again.status_code == 200
    assert again.json()["user"] == first["user"]


async def test_registering_anothers_email_takes_nothing_and_tells_what_to_do(people: People) -> None:
    await people.register()
    taken = await people.register(password=OTHER_PHRASE)
    assert taken.status_code == 409
    assert "Sign in" in taken.json()["detail"]
    assert (await people.sign_in(password=OTHER_PHRASE)).status_code == 401
    assert (await people.sign_in()).status_code == 200


async def test_registering_anothers_email_counts_as_guessing(people: People) -> None:
    await people.register(peer="198.51.100.1")
    answers = [(await people.register(password=WRONG)).status_code for _ in range(6)]
    assert answers == [409] * 5 + [429]


async def test_where_registration_is_closed_people_still_sign_in(
    gateway: GatewayBench, people: People
) -> None:
    await people.register()
    closed = People(second_instance(gateway, registration_organization=""))
    response = await closed.register("new@example.org")
    assert response.status_code == 403
    assert "closed" in response.json()["detail"]
    assert (await closed.sign_in()).json()["user"]["email"] == ADA


async def test_without_a_signing_secret_nobody_signs_in(tmp_path: Path) -> None:
    people = People(accounts_bench(tmp_path, signing_secret="").app)
    for response in (await people.register(), await people.sign_in(), await people.refresh("x")):
        assert response.status_code == 503
        assert "SIGNING_SECRET" in response.json()["detail"]


@pytest.mark.parametrize(
    "password",
    ["short", "a" * 1_001, "ğ" * 501, "password1234", "abcabcabcabc", ADA, "\ud800" * 12, 12, None],
)
async def test_a_password_that_is_guessed_first_is_refused_at_its_field(
    people: People, password: Any
) -> None:
    response = await people.register(password=password)
    assert response.status_code == 400
    assert [each["field"] for each in response.json()["errors"]] == ["password"]
    assert str(password) not in response.text.replace(ADA, "" if password == ADA else ADA)


@pytest.mark.parametrize("email", ["", "ada", "@", "a@b@c", "a b@c", "x" * 320 + "@y", {"$gt": ""}, None])
async def test_what_is_no_email_is_refused(people: People, email: Any) -> None:
    body = {"email": email, "password": PHRASE, "name": "Ada"}
    for door in ("register", "login"):
        assert (await people.send("POST", door, body)).status_code == 400


async def test_anybody_with_credentials_may_ask_who_they_are(gateway: GatewayBench, people: People) -> None:
    async with gateway.client() as admin:
        key = (
            await admin.post("/api/admin/api-keys", json={"name": "k", "scopes": ["interviews:read"]})
        ).json()
    platform = (await people.me(token(role="interviewer"))).json()
    by_key = (await people.me(key["key"])).json()
    assert (platform["id"], platform["role"], platform["organization_id"]) == (None, "interviewer", ACME)
    assert "scores:write" in platform["permissions"]
    assert by_key["permissions"] == ["interviews:read"]
    assert (await people.send("GET", "me")).status_code == 401


async def test_a_program_on_this_machine_reads_who_it_is(people: People) -> None:
    response = await people.send("GET", "me", peer="127.0.0.1")
    assert response.json()["organization_id"] == LOCAL


@pytest.mark.parametrize("door", ["logout", "logout-all", "password"])
async def test_credentials_without_a_session_have_nothing_to_end(people: People, door: str) -> None:
    body = {"current_password": PHRASE, "new_password": OTHER_PHRASE}
    assert (await people.send("POST", door, body, token=token())).status_code == 403
    assert (await people.send("POST", door, body)).status_code == 401


async def test_an_access_token_opens_the_other_families_as_a_candidate(
    gateway: GatewayBench, people: People
) -> None:
    access = (await tokens(people.register()))["access_token"]
    async with gateway.caller({"Authorization": f"Bearer {access}"}) as client:
        assert (await client.get("/api/job-result/unknown")).status_code == 404
        assert (await client.get("/api/admin/api-keys")).status_code == 403


async def test_an_email_that_nobody_verified_opens_no_interview(
    gateway: GatewayBench, people: People
) -> None:
    submitted = await gateway.submit()
    access = (await tokens(people.register("ada.y@example.org")))["access_token"]
    query = '{ interviews(userId: "ada.y@example.org") { id } }'
    async with gateway.caller({"Authorization": f"Bearer {access}"}) as client:
        assert (await client.get(f"{RECORD}/{submitted['interviewRecordId']}")).status_code == 404
        assert (await client.post("/graphql", json={"query": query})).json()["data"] == {"interviews": []}


async def test_a_new_password_holds_and_ends_all_other_sessions(people: People) -> None:
    mine, other = await tokens(people.register()), await tokens(people.sign_in())
    assert (await people.change_password(mine["access_token"])).status_code == 204
    assert (await people.me(mine["access_token"])).status_code == 200
    assert (await people.me(other["access_token"])).status_code == 401
    assert (await people.refresh(other["refresh_token"])).status_code == 401
    assert (await people.refresh(mine["refresh_token"])).status_code == 200
    assert (await people.sign_in()).status_code == 401
    assert (await people.sign_in(password=OTHER_PHRASE)).status_code == 200


async def test_a_password_that_was_right_a_moment_ago_opens_nothing(
    gateway: GatewayBench, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (await tokens(people.register()))["access_token"]
    passwords = gateway.parts.accounts._passwords
    verify, verified, go_on = passwords.verify, asyncio.Event(), asyncio.Event()

    async def held(password: str, stored: str | None) -> Verdict:
        verdict = await verify(password, stored)
        verified.set()
        await go_on.wait()
        return verdict

    with monkeypatch.context() as slow:
        slow.setattr(passwords, "verify", held)
        signing_in = asyncio.create_task(people.sign_in())
        await verified.wait()
    assert (await people.change_password(mine)).status_code == 204
    go_on.set()
    assert (await signing_in).status_code == 401


async def test_a_stolen_session_cannot_guess_the_password(people: People) -> None:
    mine = (await tokens(people.register()))["access_token"]
    answers = [(await people.change_password(mine, WRONG, peer="198.51.100.1")).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


async def test_a_new_password_has_to_be_hard_to_guess(people: People) -> None:
    mine = (await tokens(people.register()))["access_token"]
    response = await people.change_password(mine, new="qwertyuiop12")
    assert response.status_code == 400
    assert [each["field"] for each in response.json()["errors"]] == ["new_password"]


async def test_a_hash_with_other_parameters_is_renewed_when_somebody_signs_in(
    gateway: GatewayBench, people: People
) -> None:
    await people.register()
    stronger = People(second_instance(gateway, password_passes=2))
    assert (await stronger.sign_in()).status_code == 200
    found = await gateway.parts.accounts._store.find(ACME, ADA)
    assert found is not None
    assert "$m=8,t=2,p=1$" in found.password_hash
    assert (await people.sign_in()).status_code == 200
