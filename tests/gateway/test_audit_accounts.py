"""What people do with their accounts is in the audit log, and so are the tries of those who may not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.auditing import AuditBench
from tests.support.gateway import ACME
from tests.support.people import (
    ADA,
    AUTH,
    HOME,
    OPEN,
    OTHER_PHRASE,
    PHRASE,
    WRONG,
    People,
    second_instance,
    tokens,
)
from vivavoce.contracts import AuditAction
from vivavoce.gateway.audit.security import MOST_PER_MINUTE

CAFE = "198.51.100.7"
FAILED = AuditAction.SECURITY_SIGN_IN_FAILED.value

Session = dict[str, Any]


@dataclass(frozen=True)
class AccountDoor:
    """What going through a door leaves: by whom, with which body, and what has to have been done before."""

    actions: tuple[AuditAction, ...]
    body: Callable[[Session], Any] = lambda _: None
    prepare: Callable[[People], Awaitable[Session]] | None = None
    status: int = 204
    by_nobody: bool = False


async def registered(people: People) -> Session:
    return await tokens(people.register())


async def robbed(people: People) -> Session:
    """Signed in, with a refresh token that somebody else has used."""
    mine = await tokens(people.register())
    await tokens(people.refresh(mine["refresh_token"], peer=CAFE))
    return mine


async def a_second(bench: AuditBench) -> None:
    """Let what comes be later than what was: entries are in order of time."""
    await bench.clock.advance(timedelta(seconds=1))


ACCOUNT_DOORS: dict[tuple[str, str], AccountDoor] = {
    ("POST", f"{AUTH}/register"): AccountDoor(
        (AuditAction.ACCOUNT_REGISTER, AuditAction.SESSION_CREATE),
        lambda _: {"email": ADA, "password": PHRASE, "name": "Ada"},
        status=201,
    ),
    ("POST", f"{AUTH}/login"): AccountDoor(
        (AuditAction.SESSION_CREATE,), lambda _: {"email": ADA, "password": PHRASE}, registered, status=200
    ),
    ("POST", f"{AUTH}/refresh"): AccountDoor(
        (AuditAction.SECURITY_REFRESH_REUSED,),
        lambda mine: {"refresh_token": mine["refresh_token"]},
        robbed,
        status=401,
        by_nobody=True,
    ),
    ("POST", f"{AUTH}/logout"): AccountDoor((AuditAction.SESSION_END,), prepare=registered),
    ("POST", f"{AUTH}/logout-all"): AccountDoor(
        (AuditAction.ACCOUNT_SIGN_OUT_EVERYWHERE,), prepare=registered
    ),
    ("POST", f"{AUTH}/password"): AccountDoor(
        (AuditAction.ACCOUNT_CHANGE_LOGIN,),
        lambda _: {"current_password": PHRASE, "new_password": OTHER_PHRASE},
        registered,
    ),
}
EACH = pytest.mark.parametrize(
    ("place", "door"), ACCOUNT_DOORS.items(), ids=[place[1] for place in ACCOUNT_DOORS]
)


@pytest.fixture
def bench(tmp_path: Path) -> AuditBench:
    return AuditBench(tmp_path, **OPEN)


@pytest.fixture
def people(bench: AuditBench) -> People:
    return People(bench.app)


async def told(bench: AuditBench) -> list[str]:
    return [entry.action for entry in await bench.audited()]


async def account_id(bench: AuditBench) -> str:
    return next(entry.object_id for entry in await bench.audited() if entry.action == "account.register")


@EACH
async def test_going_through_is_told_of_the_account(
    bench: AuditBench, people: People, place: tuple[str, str], door: AccountDoor
) -> None:
    mine = await door.prepare(people) if door.prepare else {}
    before = len(await bench.audited())
    answer = await people.send(
        place[0],
        place[1].removeprefix(f"{AUTH}/"),
        door.body(mine),
        token="" if door.by_nobody else mine.get("access_token", ""),
        headers={"X-Correlation-ID": "corr-7"},
    )
    assert answer.status_code == door.status, answer.text
    entries = [entry for entry in await bench.audited() if entry.correlation_id == "corr-7"]
    assert {entry.action for entry in entries} == {action.value for action in door.actions}
    assert len(await bench.audited()) == before + len(door.actions)
    actor = ("unknown", "unknown", None) if door.by_nobody else (await account_id(bench), "user", "candidate")
    assert {(each.actor_id, each.actor_kind, each.actor_role) for each in entries} == {actor}
    assert {(each.origin, each.organization_id) for each in entries} == {("203.0.113.0/24", ACME)}


@EACH
async def test_being_refused_for_the_form_is_not_told(
    bench: AuditBench, people: People, place: tuple[str, str], door: AccountDoor
) -> None:
    answer = await people.send(place[0], place[1].removeprefix(f"{AUTH}/"), {})
    assert answer.status_code in {400, 401}
    assert await told(bench) == []


async def test_a_refresh_is_not_told_as_it_goes_on_with_what_was_told(
    bench: AuditBench, people: People
) -> None:
    mine = await tokens(people.register())
    for _ in range(3):
        mine = await tokens(people.refresh(mine["refresh_token"]))
    assert sorted(await told(bench)) == ["account.register", "session.create"]


async def test_a_token_that_two_have_used_is_told_once_and_of_its_session(
    bench: AuditBench, people: People
) -> None:
    mine = await robbed(people)
    await a_second(bench)
    for _ in range(3):
        await people.refresh(mine["refresh_token"])
    opened, reused = [each for each in await bench.audited() if each.object_id.startswith("session_")]
    assert (opened.action, reused.action) == ("session.create", "security.refresh_reused")
    assert (opened.object_id, opened.after) == (reused.object_id, reused.before)


async def test_wrong_passwords_are_told_of_the_account_wherever_they_are_tried(
    bench: AuditBench, people: People
) -> None:
    mine = (await tokens(people.register()))["access_token"]
    assert (await people.sign_in(password=WRONG, peer=CAFE)).status_code == 401
    assert (await people.register(password=WRONG, peer=CAFE)).status_code == 409
    assert (await people.change_password(mine, WRONG)).status_code == 400
    owner = await account_id(bench)
    failed = [entry for entry in await bench.audited() if entry.action == FAILED]
    assert {entry.object_id for entry in failed} == {owner}
    assert sorted((entry.actor_id, entry.origin) for entry in failed) == [
        (owner, "203.0.113.0/24"),
        ("unknown", "198.51.100.0/24"),
        ("unknown", "198.51.100.0/24"),
    ]


async def test_a_try_at_an_email_without_an_account_is_told_without_the_email(
    bench: AuditBench, people: People
) -> None:
    await people.sign_in("nobody@example.org", WRONG)
    (entry,) = await bench.audited()
    assert (entry.action, entry.organization_id) == (FAILED, ACME)
    assert "nobody" not in entry.model_dump_json()


async def test_a_network_fills_few_lines_a_minute_and_keeps_nobody_elses_out(
    bench: AuditBench, people: People
) -> None:
    elsewhere = People(second_instance(bench))
    for number in range(2 * MOST_PER_MINUTE):
        for instance, peer in ((people, "198.51.100.1"), (elsewhere, "198.51.100.2")):
            await instance.sign_in(f"{number}@example.org", WRONG, peer=peer)
    assert await told(bench) == [FAILED] * MOST_PER_MINUTE
    await people.sign_in(password=WRONG, peer=HOME)
    assert await told(bench) == [FAILED] * (MOST_PER_MINUTE + 1)
    await bench.clock.advance(timedelta(minutes=1))
    await people.sign_in("more@example.org", WRONG, peer="198.51.100.3")
    assert await told(bench) == [FAILED] * (MOST_PER_MINUTE + 2)


async def test_what_is_wrong_is_refused_alike_while_the_log_can_not_be_written(
    bench: AuditBench, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        bench.database.away = True
        await bench.database.ping()

    await people.register()
    monkeypatch.setattr(bench.parts.audit, "note", broken)
    assert (await people.sign_in(password=WRONG)).status_code == 401


async def test_digests_lead_from_one_state_to_the_next_whatever_use_changes(
    bench: AuditBench, people: People
) -> None:
    await people.register()
    await a_second(bench)
    costlier = People(second_instance(bench, password_passes=2))
    mine = (await tokens(costlier.sign_in()))["access_token"]
    await a_second(bench)
    assert (await costlier.change_password(mine)).status_code == 204
    await a_second(bench)
    assert (await costlier.leave(mine)).status_code == 204
    other = (await tokens(costlier.sign_in(password=OTHER_PHRASE)))["access_token"]
    assert (await costlier.leave(other, everywhere=True)).status_code == 204
    entries = await bench.audited()
    for kind in ("account", "session"):
        of_kind = [entry for entry in entries if entry.object_kind == kind]
        for object_id in {entry.object_id for entry in of_kind}:
            states = [(each.before, each.after) for each in of_kind if each.object_id == object_id]
            assert states[0][0] is None
            assert [before for before, _ in states[1:]] == [after for _, after in states[:-1]]
            assert len({after for _, after in states}) == len(states)
    await bench.chain()
    assert (await bench.verifier.verify(ACME)).broken is None


async def test_who_got_another_role_is_told_in_it(bench: AuditBench, people: People) -> None:
    await people.register()
    async with bench.client() as admin:
        wish = {"userId": await account_id(bench), "role": "interviewer"}
        assert (await admin.post("/api/admin/roles", json=wish)).is_success
    await a_second(bench)
    session = await tokens(people.sign_in())
    await people.leave(session["access_token"])
    roles = {entry.actor_role for entry in (await bench.audited())[-2:]}
    assert (session["user"]["role"], roles) == ("interviewer", {"interviewer"})


async def test_the_owner_is_found_by_their_id_and_others_see_nothing(
    bench: AuditBench, people: People
) -> None:
    mine = (await tokens(people.register()))["access_token"]
    await people.leave(mine)
    async with bench.client() as admin:
        wish = {"actor": await account_id(bench)}
        found = (await admin.get("/api/admin/audit-logs", params=wish)).json()
    assert sorted(each["action"] for each in found["auditLogs"]) == [
        "account.register",
        "session.create",
        "session.end",
    ]
    async with bench.client("org_globex") as stranger:
        assert (await stranger.get("/api/admin/audit-logs")).json()["auditLogs"] == []
