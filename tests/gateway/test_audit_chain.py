"""The chain holds each entry once, whatever happens meanwhile, and shows whatever is done to it later."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.auditing import SECRET, AuditBench
from tests.support.databases import until
from tests.support.gateway import ACME, GLOBEX
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Actor, AuditAction
from vivavoce.gateway.audit.chain import linked, sealed
from vivavoce.gateway.audit.entries import Entry, Head
from vivavoce.gateway.audit.reports import ChainReport, Known, Problem
from vivavoce.gateway.audit.sequencer import AT_ONCE, Sequencer, head_key
from vivavoce.gateway.audit.verification import LONGEST_UNCHAINED, PAGE, Verifier

ADA = Actor(id="ada", kind="user", role="admin", origin="203.0.113.0/24")
STEPS = ("acme", "globex", "abandon", "chain", "crash", "restart", "tick")


class Crash(Exception):
    """The process dies just before the commit."""


@pytest.fixture
def bench(tmp_path: Path) -> AuditBench:
    return AuditBench(tmp_path)


async def record(bench: AuditBench, organization: str = ACME, count: int = 1) -> None:
    for number in range(count):
        context = Context(organization, f"corr-{number}", actor=ADA)
        await bench.parts.audit.note(context, AuditAction.API_KEY_CREATE, f"key-{number}")
        await bench.clock.advance(timedelta(milliseconds=1))


async def chained(bench: AuditBench, count: int = 5) -> list[Entry]:
    """A chain of so many entries, as it is stored."""
    await record(bench, count=count)
    await bench.chain()
    return sorted(await bench.audited(), key=lambda entry: entry.number)


async def write(bench: AuditBench, *changed: Any) -> None:
    """What somebody does who can write to the database."""

    async def tamper(uow: UnitOfWork) -> None:
        for each in changed:
            kept: Collection[Any] = (
                bench.parts.audit.heads if isinstance(each, Head) else bench.parts.audit.entries
            )
            await kept.save(each, uow)

    await bench.database.transact(Context(ACME, "tamper"), tamper)


async def remove(bench: AuditBench, *entries: Entry) -> None:
    async def tamper(uow: UnitOfWork) -> None:
        for each in entries:
            await bench.parts.audit.entries.delete(ACME, each.id, uow)

    await bench.database.transact(Context(ACME, "tamper"), tamper)


async def broken(bench: AuditBench, known: Known | None = None) -> tuple[Problem, int | None] | None:
    found = (await bench.verifier.verify(ACME, known)).broken
    return None if found is None else (found.problem, found.number)


async def head_of(bench: AuditBench) -> Head:
    head = await bench.parts.audit.heads.get(ACME, ACME)
    assert head is not None
    return head


async def rewritten(bench: AuditBench, entries: list[Entry], start: int, **change: Any) -> Head:
    """The chain from an entry on as somebody would rewrite it who knows everything but the secret."""
    previous, links = entries[start].previous, []
    for place, entry in enumerate(entries[start:]):
        changed = entry.model_copy(update=change if place == 0 else {})
        links.append(linked(changed, entry.number, previous))
        previous = links[-1].hash
    head = (await head_of(bench)).model_copy(update={"hash": previous})
    await write(bench, *links, head)
    return head


async def crash_while_chaining(bench: AuditBench) -> None:
    sequencer, transact = bench.sequencer, bench.database.transact

    async def interrupted(context: Context, work: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        async def work_and_die(uow: UnitOfWork) -> None:
            await work(uow)
            raise Crash

        return await transact(context, work_and_die)

    dying = type("Dying", (), {"transact": staticmethod(interrupted), "leases": bench.database.leases})()
    means: Any = dying
    doomed = Sequencer(means, bench.parts.audit, bench.clock, owner="1", secret=SECRET)
    try:
        await doomed.chain_once()
    except Crash:
        bench.sequencer = sequencer


async def take(bench: AuditBench, step: str) -> int:
    """Take a step of a story; how many entries it leaves in the log of Acme."""
    match step:
        case "acme" | "globex":
            await record(bench, ACME if step == "acme" else GLOBEX)
            return int(step == "acme")
        case "abandon":
            with pytest.raises(Crash):
                await bench.database.transact(Context(ACME, "gone"), lambda uow: abandoned(bench, uow))
        case "chain":
            await bench.sequencer.chain_once()
        case "crash":
            await crash_while_chaining(bench)
        case "restart":
            means = (bench.database, bench.parts.audit, bench.clock)
            bench.sequencer = Sequencer(*means, owner="1", secret=SECRET)
        case _:
            await bench.clock.advance(timedelta(seconds=1))
    return 0


async def abandoned(bench: AuditBench, uow: UnitOfWork) -> None:
    await bench.parts.audit.record(uow, AuditAction.API_KEY_CREATE, "gone")
    raise Crash


@given(steps=st.lists(st.sampled_from(STEPS), max_size=30))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_happens_each_entry_is_in_the_chain_once(steps: list[str]) -> None:
    async def story() -> None:
        bench = AuditBench(Path(mkdtemp()))
        expected = sum([await take(bench, step) for step in steps])
        assert await broken(bench) is None
        await bench.chain()
        report = await bench.verifier.verify(ACME)
        assert (report.broken, report.waiting, report.verified) == (None, 0, expected)
        assert sorted(entry.number for entry in await bench.audited()) == list(range(1, expected + 1))
        globex = await bench.verifier.verify(GLOBEX)
        assert (globex.broken, globex.verified) == (None, steps.count("globex"))

    asyncio.run(story())


async def test_many_entries_are_chained_by_few_commits_and_verified_page_by_page(bench: AuditBench) -> None:
    await record(bench, count=PAGE + 3)
    runs = [await bench.sequencer.chain_once() for _ in range(4)]
    assert runs == [AT_ONCE, AT_ONCE, PAGE + 3 - 2 * AT_ONCE, 0]
    report = await bench.verifier.verify(ACME)
    assert (report.verified, report.head_number, report.broken) == (PAGE + 3, PAGE + 3, None)


TAMPERED = sorted(set(Entry.model_fields) - {"number", "place", "id", "organization_id"})


@pytest.mark.parametrize("name", TAMPERED)
async def test_a_changed_field_is_found_at_its_entry(bench: AuditBench, name: str) -> None:
    entries = await chained(bench)
    value = entries[2].at - timedelta(days=1) if name == "at" else "forged"
    await write(bench, entries[2].model_copy(update={name: value}))
    assert await broken(bench) == (Problem.CHANGED, 3)


async def test_an_entry_that_is_moved_in_time_is_found(bench: AuditBench) -> None:
    entries = await chained(bench)
    await write(bench, entries[2].model_copy(update={"place": "20200101T000000.000000Z/x"}))
    assert await broken(bench) == (Problem.CHANGED, 3)


async def test_an_entry_that_is_given_to_another_organization_is_missed(bench: AuditBench) -> None:
    entries = await chained(bench)
    await remove(bench, entries[2])
    await write(bench, entries[2].model_copy(update={"organization_id": GLOBEX}))
    assert await broken(bench) == (Problem.MISSING, 3)
    stranger = (await bench.verifier.verify(GLOBEX)).broken
    assert stranger is not None
    assert stranger.problem == Problem.STRANGER


@pytest.mark.parametrize("place", [0, 2, 4])
async def test_a_removed_entry_is_found(bench: AuditBench, place: int) -> None:
    entries = await chained(bench)
    await remove(bench, entries[place])
    assert await broken(bench) == (Problem.MISSING, place + 1)


async def test_a_removed_entry_is_found_when_those_behind_it_move_up(bench: AuditBench) -> None:
    entries = await chained(bench)
    await remove(bench, entries[2])
    await write(bench, *(each.model_copy(update={"number": each.number - 1}) for each in entries[3:]))
    assert await broken(bench) == (Problem.CHANGED, 3)


async def test_an_inserted_entry_is_found(bench: AuditBench) -> None:
    entries = await chained(bench)
    forged = entries[2].model_copy(update={"id": "forged", "actor_id": "somebody else", "place": "3"})
    await write(bench, linked(forged, 3, entries[1].hash))
    found = await broken(bench)
    assert found == (Problem.INSERTED, 3)


@pytest.mark.parametrize("number", [-1, 6, 9])
async def test_an_entry_outside_the_chain_is_found(bench: AuditBench, number: int) -> None:
    entries = await chained(bench)
    forged = entries[4].model_copy(update={"id": "forged"})
    await write(bench, linked(forged, number, entries[4].hash))
    assert await broken(bench) == (Problem.STRANGER, None)


async def test_a_swapped_pair_is_found(bench: AuditBench) -> None:
    entries = await chained(bench)
    first, second = entries[1], entries[2]
    await write(
        bench,
        first.model_copy(update={"number": second.number}),
        second.model_copy(update={"number": first.number}),
    )
    assert await broken(bench) == (Problem.CHANGED, 2)


async def test_a_pair_that_is_swapped_with_hashes_of_their_own_is_found(bench: AuditBench) -> None:
    entries = await chained(bench)
    first = linked(entries[2], 2, entries[0].hash)
    await write(bench, first, linked(entries[1], 3, first.hash))
    assert await broken(bench) == (Problem.LINK, 4)


@pytest.mark.parametrize("start", [0, 2, 4])
async def test_a_tail_that_is_rewritten_up_to_the_head_is_found(bench: AuditBench, start: int) -> None:
    entries = await chained(bench)
    await rewritten(bench, entries, start, actor_id="somebody else")
    assert await broken(bench) == (Problem.SEAL, 5)


async def test_a_rewritten_tail_is_not_vouched_for_by_what_comes_after(bench: AuditBench) -> None:
    entries = await chained(bench)
    await rewritten(bench, entries, 2, actor_id="somebody else")
    await record(bench)
    await bench.chain()
    assert await broken(bench) == (Problem.SEAL, 6)


async def test_a_head_that_was_told_earlier_shows_that_the_end_was_cut_off(bench: AuditBench) -> None:
    await chained(bench, 3)
    old = await head_of(bench)
    entries = await chained(bench, 2)
    told = await bench.verifier.verify(ACME)
    known = Known(told.head_number, told.head_hash)
    assert await broken(bench, known) is None
    await remove(bench, *entries[3:])
    await write(bench, old)
    assert await broken(bench) is None
    assert await broken(bench, known) == (Problem.FORGOTTEN, 5)
    await chained(bench, 2)
    assert await broken(bench, known) == (Problem.FORGOTTEN, 5)


async def test_a_head_that_is_no_entry_is_found(bench: AuditBench) -> None:
    await chained(bench)
    forged = (await head_of(bench)).model_copy(update={"hash": "0" * 64})
    await write(bench, sealed(forged, head_key(SECRET)))
    assert await broken(bench) == (Problem.HEAD, 5)


async def test_a_removed_head_leaves_entries_outside_the_chain(bench: AuditBench) -> None:
    await chained(bench)
    await bench.database.transact(
        Context(ACME, "tamper"), lambda uow: bench.parts.audit.heads.delete(ACME, ACME, uow)
    )
    assert [each async for each in bench.verifier.organizations()] == [ACME]
    assert await broken(bench) == (Problem.STRANGER, None)


async def test_an_entry_that_waits_too_long_is_told_of(bench: AuditBench) -> None:
    await chained(bench)
    await record(bench)
    assert await broken(bench) is None
    await bench.clock.advance(LONGEST_UNCHAINED + timedelta(seconds=1))
    assert await broken(bench) == (Problem.WAITING, 0)


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
async def test_an_entry_that_can_not_be_read_is_told_of(bench: AuditBench) -> None:
    entries = await chained(bench)
    await write(bench, entries[2].model_copy(update={"actor_id": 5}))
    assert await broken(bench) == (Problem.UNREADABLE, 3)
    await write(bench, entries[2], (await head_of(bench)).model_copy(update={"hash": 5}))
    assert await broken(bench) == (Problem.UNREADABLE, None)


async def test_without_a_secret_the_chain_holds_and_the_report_says_that_it_is_not_sealed(
    tmp_path: Path,
) -> None:
    bench = AuditBench(tmp_path, signing_secret="")
    entries = await chained(bench)
    report = await bench.verifier.verify(ACME)
    assert (report.broken, report.sealed, report.verified) == (None, False, 5)
    await write(bench, entries[1].model_copy(update={"actor_id": "somebody else"}))
    assert await broken(bench) == (Problem.CHANGED, 2)


async def test_after_a_change_of_the_secret_an_intact_chain_can_be_sealed_anew(bench: AuditBench) -> None:
    entries = await chained(bench)
    means, other = (bench.database, bench.parts.audit, bench.clock), "o" * 32
    renewed = Verifier(*means, secret=other)
    assert problem_of(await renewed.verify(ACME)) == Problem.SEAL
    assert problem_of(await renewed.seal(ACME)) is None
    bench.sequencer = Sequencer(*means, owner="1", secret=other)
    await chained(bench, 1)
    assert problem_of(await renewed.verify(ACME)) is None
    await write(bench, entries[1].model_copy(update={"actor_id": "somebody else"}))
    assert problem_of(await renewed.seal(ACME)) == Problem.CHANGED


def problem_of(report: ChainReport) -> Problem | None:
    return None if report.broken is None else report.broken.problem


async def test_a_second_instance_chains_when_the_first_has_died(bench: AuditBench) -> None:
    await record(bench)
    await bench.sequencer.chain_once()
    second = Sequencer(bench.database, bench.parts.audit, bench.clock, owner="2", secret=SECRET)
    await record(bench)
    assert await second.chain_once() == 0
    await bench.clock.advance(timedelta(minutes=1))
    assert await second.chain_once() == 1
    assert await broken(bench) is None


async def is_chained(bench: AuditBench) -> bool:
    return all(entry.number for entry in await bench.audited())


async def test_a_commit_wakes_the_sequencer(bench: AuditBench) -> None:
    running = asyncio.create_task(bench.sequencer.run_forever())
    await record(bench)
    await until(lambda: is_chained(bench))
    running.cancel()
    assert await broken(bench) is None
