"""What every database keeps of users: one record and one number each, however many instances see them."""

import asyncio
from datetime import timedelta

from tests.support.databases import ACME, GLOBEX
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.uow import Database
from vivavoce.gateway.admin.users import User, Users
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.pages import PageQuery
from vivavoce.gateway.settings import GatewaySettings

ROOT = user("root", ACME, Role.ADMIN)
SECRET = "what digests are keyed with in tests"
CONTEXT = Context(ACME, "corr-1")


def instance(database: Database, clock: ManualClock) -> Users:
    """The users as one more instance of the gateway has them."""
    return Users(database, AuditLog(database, clock, SECRET), clock, GatewaySettings())


async def seen(users: Users, *names: str, organization: str = ACME, role: Role = Role.CANDIDATE) -> None:
    """Let users come with their tokens."""
    for name in names:
        await users.applied(user(name, organization, role))


async def everybody(users: Users, organization: str = ACME, role: Role | None = None) -> list[User]:
    """All users, page by page."""
    found: list[User] = []
    cursor: str | None = None
    while True:
        page = await users.list(organization, PageQuery(cursor=cursor, limit=7), role)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


class UsersSuite:
    async def test_instances_that_see_the_same_users_at_once_number_each_once(
        self, database: Database, clock: ManualClock
    ) -> None:
        instances = [instance(database, clock) for _ in range(4)]
        for turn, users in enumerate(instances):
            await seen(users, *(f"user-{number}" for number in range(turn * 5, turn * 5 + 15)))
        await asyncio.gather(*(users.seen.flush() for users in instances))
        found = await everybody(instances[0])
        assert [each.number for each in found] == list(range(1, 31))
        assert {each.user_id for each in found} == {f"user-{number}" for number in range(30)}

    async def test_roles_and_sights_at_once_lose_neither(
        self, database: Database, clock: ManualClock
    ) -> None:
        one, other = instance(database, clock), instance(database, clock)
        await seen(one, "ada", "bob")
        await asyncio.gather(
            one.seen.flush(),
            *(other.assign(ROOT, CONTEXT, name, Role.INTERVIEWER) for name in ("ada", "bob")),
        )
        found = {each.user_id: each for each in await everybody(one)}
        assert sorted(each.number for each in found.values()) == [1, 2]
        for each in found.values():
            assert (each.role, each.token_role) == (Role.INTERVIEWER, Role.CANDIDATE)
            assert each.first_seen_at == clock.now()

    async def test_each_organization_counts_for_itself(self, database: Database, clock: ManualClock) -> None:
        users = instance(database, clock)
        await seen(users, "ada", "bob")
        await seen(users, "ada", organization=GLOBEX)
        await users.seen.flush()
        assert [each.number for each in await everybody(users, GLOBEX)] == [1]
        assert [each.number for each in await everybody(users, ACME)] == [1, 2]

    async def test_a_later_sight_keeps_the_first_one(self, database: Database, clock: ManualClock) -> None:
        users, first = instance(database, clock), clock.now()
        await seen(users, "ada")
        await users.seen.flush()
        await clock.advance(timedelta(minutes=2))
        await seen(users, "ada", role=Role.ADMIN)
        await users.seen.flush()
        [ada] = await everybody(users)
        assert (ada.number, ada.first_seen_at, ada.last_seen_at) == (1, first, clock.now())
        assert (ada.role, ada.token_role) == (Role.ADMIN, Role.ADMIN)

    async def test_a_sight_that_is_written_late_tells_nothing_older(
        self, database: Database, clock: ManualClock
    ) -> None:
        late, users = instance(database, clock), instance(database, clock)
        await seen(late, "ada")
        await clock.advance(timedelta(minutes=2))
        await seen(users, "ada", role=Role.ADMIN)
        await users.seen.flush()
        await late.seen.flush()
        [ada] = await everybody(users)
        assert (ada.token_role, ada.last_seen_at) == (Role.ADMIN, clock.now())

    async def test_those_in_a_role_are_found_in_order(self, database: Database, clock: ManualClock) -> None:
        users = instance(database, clock)
        for number in range(20):
            await seen(users, f"user-{number}", role=Role.ADMIN if number % 2 else Role.CANDIDATE)
        await users.seen.flush()
        found = await everybody(users, role=Role.ADMIN)
        assert [each.user_id for each in found] == [f"user-{number}" for number in range(1, 20, 2)]
