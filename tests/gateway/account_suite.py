"""What accounts keep when much happens at once, over whatever database."""

import asyncio
from datetime import timedelta

from tests.support.gateway import ACME
from tests.support.people import ADA, HOME, OTHER_PHRASE, PHRASE, WRONG, People, tokens
from vivavoce.chassis.clock import ManualClock
from vivavoce.gateway.parts import Parts

MANY = 5


class RaceSuite:
    """Fixtures: `people`, callers of a gateway; `parts`, its insides; `clock`, its time."""

    async def test_registrations_at_once_give_one_account(self, people: People, parts: Parts) -> None:
        answers = await asyncio.gather(*(people.register() for _ in range(MANY)))
        assert sorted(each.status_code for each in answers) == [200] * (MANY - 1) + [201]
        assert {each.json()["user"]["id"] for each in answers} == {1}
        assert await parts.accounts._store.accounts.count(ACME) == 1

    async def test_of_two_passwords_at_once_one_holds(self, people: People) -> None:
        answers = await asyncio.gather(people.register(), people.register(password=OTHER_PHRASE))
        assert sorted(each.status_code for each in answers) == [201, 409]
        signed = [(await people.sign_in(password=each)).status_code for each in (PHRASE, OTHER_PHRASE)]
        assert sorted(signed) == [200, 401]
        assert signed[0 if answers[0].status_code == 201 else 1] == 200

    async def test_people_who_register_at_once_get_numbers_of_their_own(self, people: People) -> None:
        answers = await asyncio.gather(*(people.register(f"p{each}@example.org") for each in range(MANY)))
        assert sorted(each.json()["user"]["id"] for each in answers) == list(range(1, MANY + 1))

    async def test_a_token_exchanged_at_once_leaves_one_that_works(self, people: People) -> None:
        first = await tokens(people.register())
        answers = await asyncio.gather(*(people.refresh(first["refresh_token"]) for _ in range(3)))
        assert [each.status_code for each in answers] == [200] * 3
        live = [each.json()["access_token"] for each in answers]
        assert (await people.me(live[0])).status_code == 200
        spent = [each.json()["refresh_token"] for each in answers]
        assert sorted([(await people.refresh(each)).status_code for each in spent])[1:] == [401, 401]

    async def test_a_token_exchanged_at_once_from_two_places_ends_the_session(self, people: People) -> None:
        first = await tokens(people.register())
        peers = (HOME, "198.51.100.7")
        answers = await asyncio.gather(*(people.refresh(first["refresh_token"], peer=peer) for peer in peers))
        assert sorted(each.status_code for each in answers) == [200, 401]
        (kept,) = (each.json() for each in answers if each.status_code == 200)
        assert (await people.refresh(kept["refresh_token"])).status_code == 401

    async def test_guesses_at_once_are_all_counted(self, people: People) -> None:
        await people.register()
        answers = await asyncio.gather(
            *(people.sign_in(ADA, WRONG, peer="198.51.100.1") for _ in range(2 * MANY))
        )
        assert sum(each.status_code == 401 for each in answers) <= 5
        assert (await people.sign_in()).status_code == 200

    async def test_signing_in_while_the_password_changes_leaves_no_session_of_the_old_one(
        self, people: People, clock: ManualClock
    ) -> None:
        mine = (await tokens(people.register()))["access_token"]
        signing_in = [people.sign_in() for _ in range(3)]
        changed, *signed = await asyncio.gather(people.change_password(mine), *signing_in)
        assert changed.status_code == 204
        await clock.advance(timedelta(seconds=1))
        opened = [each.json()["access_token"] for each in signed if each.status_code == 200]
        assert [(await people.me(each)).status_code for each in opened] == [401] * len(opened)
        assert (await people.me(mine)).status_code == 200

    async def test_what_was_registered_is_found_after_all(self, people: People) -> None:
        await people.register("Ada@Example.org")
        assert (await people.sign_in("ADA@EXAMPLE.ORG")).status_code == 200
        assert (await people.register("ada@example.org", OTHER_PHRASE)).status_code == 409
