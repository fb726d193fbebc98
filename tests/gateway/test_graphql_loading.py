"""A list costs the database the same, however long it is."""

from pathlib import Path

import pytest

from tests.support.asking import data_of
from tests.support.counted import CountedBench
from tests.support.gateway import question
from tests.support.interview_facts import AnswerFacts
from tests.support.webhook_answers import notifier_answer

MOST_STRETCHES = 7
FIELDS = """id overallScore overrides { by }
  answers { questionId score { overall criteria { evidence { quote } } } integrity { events { kind } } }
  integrityEventConnection(first: 1) { nodes { questionId } edges { cursor } }"""
CONNECTION = f"""query Page($first: Int!) {{
  interviewConnection(first: $first) {{ nodes {{ {FIELDS} }} edges {{ cursor }} pageInfo {{ hasNextPage }} }}
  webhookDeliveries {{ nodes {{ id status }} }} }}"""
LIST = f"""{{ interviews(userId: "user-1") {{ {FIELDS} }} }}"""


async def filled(folder: Path, count: int) -> CountedBench:
    """A gateway with interviews of two answers, the first of which is scored."""
    gateway = CountedBench(folder)
    gateway.asker.answer = notifier_answer
    for number in range(count):
        facts = AnswerFacts(request_id=f"req-{number}")
        await gateway.submit(request_id=facts.request_id, questions=[question(1), question(2)])
        await gateway.tell(facts.scored(), facts.proctored(), facts.completed())
    gateway.reads.clear()
    return gateway


def assert_bounded(gateway: CountedBench) -> None:
    """One read of each kind; but for what lists show, which is looked for in wider and wider stretches."""
    stretches = gateway.reads.pop("interview_entries")
    assert stretches <= MOST_STRETCHES
    assert gateway.reads == {"interviews": 1, "answers": 1}


@pytest.mark.parametrize("count", [1, 10, 50])
async def test_a_page_takes_one_read_of_each_kind(tmp_path: Path, count: int) -> None:
    gateway = await filled(tmp_path, count)
    data = await data_of(gateway, CONNECTION, first=count)
    nodes = data["interviewConnection"]["nodes"]
    assert [len(node["answers"]) for node in nodes] == [2] * count
    assert all(node["answers"][0]["score"]["overall"] is not None for node in nodes)
    assert_bounded(gateway)
    assert len(gateway.asker.asked) == 1


@pytest.mark.parametrize("count", [1, 10, 50])
async def test_the_references_list_takes_one_read_of_each_kind(tmp_path: Path, count: int) -> None:
    gateway = await filled(tmp_path, count)
    assert len((await data_of(gateway, LIST))["interviews"]) == count
    assert_bounded(gateway)


async def test_asked_again_a_list_begins_as_far_back_as_it_reached_and_shows_what_has_come_since(
    tmp_path: Path,
) -> None:
    gateway = await filled(tmp_path, 3)
    await data_of(gateway, LIST)
    assert gateway.reads.pop("interview_entries") > 1
    await gateway.submit(request_id="req-new", questions=[question(1)])
    gateway.reads.clear()
    found = (await data_of(gateway, LIST))["interviews"]
    assert len(found) == 4
    assert gateway.reads["interview_entries"] == 1


@pytest.mark.parametrize(
    "query", ['{ interviews(userId: "user-1") { id } }', CONNECTION.replace(FIELDS, "id")]
)
async def test_a_list_that_shows_no_answers_reads_none(tmp_path: Path, query: str) -> None:
    gateway = await filled(tmp_path, 2)
    await data_of(gateway, query, **({"first": 2} if "$first" in query else {}))
    assert gateway.reads["answers"] == 0
