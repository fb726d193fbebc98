"""What was noticed in an interview as one list over its answers: every finding once, each with a cursor."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import codes_of, data_of
from tests.support.counted import CountedBench
from tests.support.gateway import GLOBEX, GatewayBench, question
from tests.support.interview_facts import AnswerFacts
from vivavoce.contracts import IntegrityEvent, IntegrityKind, Severity
from vivavoce.gateway.cursors import Cursors

FIRST, SECOND, THIRD = [
    AnswerFacts(question_id=f"q{number}", video=f"video-{number}") for number in (1, 2, 3)
]
OTHER = AnswerFacts(request_id="req-other")
AWAY, HIDDEN = IntegrityKind.LOOKING_AWAY, next(each for each in IntegrityKind if each != "looking_away")
INFO, NOTICE, WARNING = Severity
PAGE = """query Page($id: ID!, $filter: IntegrityEventFilter, $first: Int, $after: String) {
  interview(id: $id) { integrityEventConnection(filter: $filter, first: $first, after: $after) {
    edges { cursor node { event { start } } }
    nodes { pipelineId questionId event { kind severity start end values { name value } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
IN_ORDER = ["q1 1", "q1 2", "q1 3", "q3 1", "q3 9"]


def noticed(start: float, kind: IntegrityKind = AWAY, severity: Severity = NOTICE) -> IntegrityEvent:
    """Something noticed for half a second."""
    return IntegrityEvent(kind=kind, start=start, end=start + 0.5, severity=severity, values={"share": 0.9})


async def report(gateway: GatewayBench, answer: AnswerFacts, *events: IntegrityEvent) -> None:
    """Proctoring ends for an answer."""
    await gateway.tell(answer.proctored(events=events))


async def filled(gateway: GatewayBench) -> GatewayBench:
    """An interview of three answers; five things were noticed in the first and the third."""
    await gateway.submit(questions=[question(1), question(2), question(3)])
    await report(gateway, THIRD, noticed(1, severity=INFO), noticed(9, HIDDEN, WARNING))
    await report(gateway, FIRST, noticed(1), noticed(2, HIDDEN), noticed(3, severity=WARNING))
    return gateway


@pytest.fixture
async def gateway(tmp_path: Path) -> GatewayBench:
    return await filled(GatewayBench(tmp_path, signing_secret="x" * 32))


async def page(gateway: GatewayBench, **variables: Any) -> dict[str, Any]:
    """One page of the interview's."""
    data = await data_of(gateway, PAGE, **{"id": FIRST.interview_id, **variables})
    found: dict[str, Any] = data["interview"]["integrityEventConnection"]
    return found


def rows_of(found: dict[str, Any]) -> list[str]:
    """The question and the second of each finding."""
    starts = [node["event"]["start"] for node in found["nodes"]]
    assert [edge["node"]["event"]["start"] for edge in found["edges"]] == starts
    return [f"{node['questionId']} {node['event']['start']:.0f}" for node in found["nodes"]]


async def walk(gateway: GatewayBench, **variables: Any) -> list[list[str]]:
    """Every page."""
    pages, after = [], None
    while True:
        found = await page(gateway, after=after, **variables)
        pages.append(rows_of(found))
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return pages


async def test_findings_come_in_the_order_of_answers_and_time(gateway: GatewayBench) -> None:
    assert await walk(gateway) == await walk(gateway, first=5) == [IN_ORDER]
    assert await walk(gateway, first=2) == [IN_ORDER[:2], IN_ORDER[2:4], IN_ORDER[4:]]


async def test_a_finding_is_told_with_its_answer(gateway: GatewayBench) -> None:
    node = (await page(gateway, first=1))["nodes"][0]
    assert node == {
        "pipelineId": FIRST.answer_id,
        "questionId": "q1",
        "event": {
            "kind": AWAY.name,
            "severity": "NOTICE",
            "start": 1.0,
            "end": 1.5,
            "values": [{"name": "share", "value": 0.9}],
        },
    }


async def test_reading_goes_on_after_the_cursor_of_any_edge(gateway: GatewayBench) -> None:
    for number, edge in enumerate((await page(gateway))["edges"]):
        assert rows_of(await page(gateway, after=edge["cursor"])) == IN_ORDER[number + 1 :]


async def test_a_page_says_where_it_lies(gateway: GatewayBench) -> None:
    first = await page(gateway, first=2)
    cursors = [edge["cursor"] for edge in first["edges"]]
    lies = {"hasNextPage": True, "hasPreviousPage": False, "startCursor": cursors[0], "endCursor": cursors[1]}
    assert first["pageInfo"] == lies
    assert (await page(gateway, after=cursors[1]))["pageInfo"]["hasPreviousPage"] is True


async def test_what_is_noticed_meanwhile_neither_repeats_nor_hides_anything(gateway: GatewayBench) -> None:
    first = await page(gateway, first=3)
    await report(gateway, SECOND, noticed(5))
    rest = await page(gateway, after=first["pageInfo"]["endCursor"])
    assert rows_of(first) + rows_of(rest) == [*IN_ORDER[:3], "q2 5", *IN_ORDER[3:]]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"kind": AWAY.name}, ["q1 1", "q1 3", "q3 1"]),
        ({"severity": "INFO"}, IN_ORDER),
        ({"severity": "NOTICE"}, ["q1 1", "q1 2", "q1 3", "q3 9"]),
        ({"severity": "WARNING"}, ["q1 3", "q3 9"]),
        ({"kind": HIDDEN.name, "severity": "WARNING"}, ["q3 9"]),
    ],
)
async def test_findings_are_filtered_by_kind_and_least_severity(
    gateway: GatewayBench, wish: dict[str, str], expected: list[str]
) -> None:
    found = await walk(gateway, first=1, filter=wish)
    assert [row for rows in found for row in rows] == expected


async def test_a_cursor_is_good_for_its_own_interview_only(gateway: GatewayBench) -> None:
    await gateway.submit(request_id=OTHER.request_id)
    await report(gateway, OTHER, noticed(1), noticed(2))
    cursor = (await page(gateway, first=1))["pageInfo"]["endCursor"]
    wish = {"id": OTHER.interview_id}
    assert await codes_of(gateway, PAGE, after=cursor, **wish) == ["invalid_cursor"]
    own = (await page(gateway, first=1, **wish))["pageInfo"]["endCursor"]
    assert rows_of(await page(gateway, after=own, **wish)) == ["q1 2"]
    listed = "query Page($after: String) { interviewConnection(after: $after) { nodes { id } } }"
    assert await codes_of(gateway, listed, after=cursor) == ["invalid_cursor"]


async def test_a_forged_cursor_is_refused(gateway: GatewayBench) -> None:
    cursor = (await page(gateway, first=1))["pageInfo"]["endCursor"]
    content = bytearray(base64.urlsafe_b64decode(cursor + "=="))
    content[-1] ^= 1
    forged = base64.urlsafe_b64encode(content).decode().rstrip("=")
    for bad in (forged, cursor[:-4], "", "é", "0.0"):
        assert await codes_of(gateway, PAGE, id=FIRST.interview_id, after=bad) == ["invalid_cursor"]


@pytest.mark.parametrize("place", ["", "1", "a.b", "1.2.3", "9" * 5000 + ".1"])
async def test_a_place_that_cannot_be_is_refused_though_anybody_can_sign(tmp_path: Path, place: str) -> None:
    gateway = await filled(GatewayBench(tmp_path))
    secret = gateway.settings.signing_secret.get_secret_value()
    made = Cursors.signed_with(secret).write(f"org_acme/integrityEvents/{FIRST.interview_id}", place)
    assert await codes_of(gateway, PAGE, id=FIRST.interview_id, after=made) == ["invalid_cursor"]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_size_that_cannot_be_is_refused(gateway: GatewayBench, first: int) -> None:
    assert await codes_of(gateway, PAGE, id=FIRST.interview_id, first=first) == ["invalid_input"]


async def test_others_see_nothing(gateway: GatewayBench) -> None:
    wish = {"id": FIRST.interview_id}
    assert await data_of(gateway, PAGE, organization=GLOBEX, **wish) == {"interview": None}
    stranger = {"role": "candidate", "subject": "somebody-else"}
    assert await data_of(gateway, PAGE, **stranger, **wish) == {"interview": None}


async def test_findings_take_no_read_beside_that_of_the_answers(tmp_path: Path) -> None:
    gateway = CountedBench(tmp_path)
    await filled(gateway)
    gateway.reads.clear()
    query = """{ interview(id: "%s") { answers { id } a: integrityEventConnection { nodes { questionId } }
      b: integrityEventConnection(first: 1, filter: { severity: WARNING }) { edges { cursor } } } }"""
    found = (await data_of(gateway, query % FIRST.interview_id))["interview"]
    assert (len(found["answers"]), len(found["a"]["nodes"]), len(found["b"]["edges"])) == (3, 5, 1)
    assert gateway.reads == {"interviews": 1, "answers": 1}
