"""Ends of interviews, told to those who follow: once each, when they can be read, or as missed."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from tests.support.databases import until
from tests.support.gateway import ACME, GLOBEX, GatewayBench, submission
from tests.support.interview_facts import AnswerFacts
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.interviews import completions
from vivavoce.gateway.interviews.completions import EndMissed, Follower
from vivavoce.gateway.interviews.repository import Interview

WAIT_SECONDS = 5.0
ANSWER = AnswerFacts()


async def next_end(follower: Follower) -> Interview:
    async with asyncio.timeout(WAIT_SECONDS):
        return await follower.next()


async def test_an_end_that_is_heard_before_it_can_be_read_is_waited_for(gateway: GatewayBench) -> None:
    await gateway.submit()
    with gateway.parts.following.completions.following(ACME, ANSWER.interview_id) as follower:
        await gateway.broadcast(ANSWER.completed())
        assert not follower.has_news
        await gateway.tell(ANSWER.completed())
        assert (await next_end(follower)).completion == ANSWER.completed()


async def test_an_end_is_told_to_who_came_between_its_fact_and_its_reading(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.broadcast(ANSWER.completed())
    with gateway.parts.following.completions.following(ACME, ANSWER.interview_id) as follower:
        await gateway.tell(ANSWER.completed())
        assert (await next_end(follower)).id == ANSWER.interview_id


async def test_an_end_whose_fact_never_came_is_found(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completions, "RESTING_PAUSE", 0.05)
    await gateway.submit()
    with gateway.parts.following.completions.following(ACME, ANSWER.interview_id) as follower:
        await gateway.tell(ANSWER.completed())
        assert (await next_end(follower)).id == ANSWER.interview_id


async def test_an_end_is_told_after_the_database_was_away(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    gateway.database.away = True
    with gateway.parts.following.completions.following(ACME) as follower:
        await gateway.broadcast(ANSWER.completed())
        await asyncio.sleep(0)
        gateway.database.away = False
        assert (await next_end(follower)).id == ANSWER.interview_id


async def test_who_follows_an_end_that_stays_unreadable_is_told_so(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, graphql_end_seconds=0.05)
    await gateway.submit()
    following = gateway.parts.following.completions.following
    with following(ACME, ANSWER.interview_id) as one, following(ACME) as all_, following(GLOBEX) as other:
        await gateway.broadcast(ANSWER.completed())
        for follower in (one, all_):
            with pytest.raises(EndMissed):
                await next_end(follower)
        assert not other.has_news


async def test_who_does_not_take_ends_fails_instead_of_missing_one(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completions, "QUEUED", 2)
    answers = [AnswerFacts(request_id=f"req-{number}") for number in range(4)]
    board = gateway.parts.following.completions
    with board.following(ACME) as follower:
        for answer in answers:
            await gateway.submit(request_id=answer.request_id)
            await gateway.tell(answer.completed())
            await gateway.broadcast(answer.completed())
        await until(lambda: board.has_told(answers[-1].interview_id))
        for _ in range(2):
            await next_end(follower)
        with pytest.raises(EndMissed):
            await next_end(follower)


async def test_candidates_hear_of_their_own_only(gateway: GatewayBench) -> None:
    await gateway.submit()
    mine = AnswerFacts(request_id="mine")
    async with gateway.client(role="candidate", subject="cand-1") as client:
        await client.post("/api/interview-record", json=submission("mine"))
    candidate = user("cand-1", ACME, Role.CANDIDATE)
    ends = gateway.parts.following.ends(candidate, None)
    heard = asyncio.create_task(anext(ends))
    await until(lambda: gateway.parts.following.completions.followers > 0)
    for answer in (ANSWER, mine):
        await gateway.tell(answer.completed())
        await gateway.broadcast(answer.completed())
        await until(partial(gateway.parts.following.completions.has_told, answer.interview_id))
    assert (await heard).id == mine.interview_id
    await ends.aclose()


async def test_nothing_runs_while_nobody_follows(gateway: GatewayBench) -> None:
    before = asyncio.all_tasks()
    with gateway.parts.following.completions.following(ACME):
        await until(lambda: len(asyncio.all_tasks()) > len(before))
    await until(lambda: asyncio.all_tasks() == before)
