"""Lists of interviews: every page once, in both directions, in every order, and only with good cursors."""

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import answered, codes_of, data_of
from tests.support.gateway import ACME, GLOBEX, GatewayBench, question
from tests.support.interview_facts import AnswerFacts
from vivavoce.contracts import RiskBand
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.interviews import listing
from vivavoce.gateway.interviews.entries import Order
from vivavoce.gateway.interviews.listing import Filter, Slice

PAGE = """query Page($filter: InterviewFilter, $sort: InterviewSort, $first: Int, $after: String, $last: Int,
                     $before: String) {
  interviewConnection(filter: $filter, sort: $sort, first: $first, after: $after, last: $last,
                      before: $before) {
    edges { cursor node { id } } nodes { externalId overallScore applicationId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
SCORES = (50.0, None, 90.5, 50.0, 7.0, 100.0)


async def filled(folder: Path) -> GatewayBench:
    """Six interviews, a minute apart, of which one has no score and one has not ended."""
    gateway = GatewayBench(folder, signing_secret="x" * 32)
    for number, score in enumerate(SCORES):
        facts = AnswerFacts(request_id=f"req-{number}")
        body = await gateway.submit(request_id=facts.request_id, interview=interview(number))
        assert body["interviewRecordId"] == facts.interview_id
        await gateway.clock.advance(timedelta(minutes=1))
        if number != 4:
            await gateway.tell(
                facts.completed(score).model_copy(update={"completed_at": gateway.clock.now()})
            )
    return gateway


def interview(number: int) -> dict[str, Any]:
    """An interview of one of two positions."""
    position = {"id": f"pos-{number % 2}", "title": "Cook", "competencyWeights": {"teamwork": 1}}
    return {"id": f"int-{number}", "position": position, "questions": [question()]}


async def page(gateway: GatewayBench, **variables: Any) -> dict[str, Any]:
    """One page."""
    found: dict[str, Any] = (await data_of(gateway, PAGE, **variables))["interviewConnection"]
    return found


def ids(found: dict[str, Any]) -> str:
    """The numbers of a page's interviews, in order."""
    return "".join(node["externalId"][-1] for node in found["nodes"])


async def walk(gateway: GatewayBench, **variables: Any) -> list[str]:
    """Every page forwards."""
    pages, after = [], None
    while True:
        found = await page(gateway, first=2, after=after, **variables)
        pages.append(ids(found))
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return pages


async def test_pages_follow_each_other_latest_first(tmp_path: Path) -> None:
    assert await walk(await filled(tmp_path)) == ["54", "32", "10"]


@pytest.mark.parametrize(
    ("field", "direction", "expected"),
    [
        ("SUBMITTED_AT", "ASC", "012345"),
        ("COMPLETED_AT", "DESC", "532104"),
        ("COMPLETED_AT", "ASC", "401235"),
    ],
)
async def test_a_list_has_the_order_that_is_asked_for(
    tmp_path: Path, field: str, direction: str, expected: str
) -> None:
    gateway = await filled(tmp_path)
    assert "".join(await walk(gateway, sort={"field": field, "direction": direction})) == expected


async def test_equal_scores_are_neither_lost_nor_repeated_between_pages(tmp_path: Path) -> None:
    found = "".join(await walk(await filled(tmp_path), sort={"field": "OVERALL_SCORE", "direction": "DESC"}))
    assert (found[:2], sorted(found[2:4]), sorted(found[4:])) == ("52", ["0", "3"], ["1", "4"])


async def test_a_list_is_read_backwards_from_any_place(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    end = await page(gateway, last=2)
    assert (ids(end), end["pageInfo"]["hasPreviousPage"], end["pageInfo"]["hasNextPage"]) == (
        "10",
        True,
        False,
    )
    before = await page(gateway, last=3, before=end["pageInfo"]["startCursor"])
    assert ids(before) == "432"
    again = await page(gateway, first=2, after=before["edges"][0]["cursor"])
    assert ids(again) == "32"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"status": "PROCESSING"}, "4"),
        ({"status": "FAILED"}, "1"),
        ({"positionId": "pos-1"}, "531"),
        ({"positionId": "pos-1", "status": "COMPLETED"}, "53"),
        ({"minimumScore": 50}, "5320"),
        ({"minimumScore": 50.5, "maximumScore": 99}, "2"),
        ({"candidateEmail": " ADA.Y@example.org "}, "543210"),
        ({"candidateEmail": "nobody@example.org"}, ""),
        ({"externalId": "int-3"}, "3"),
        ({"applicationId": "app-7", "maximumScore": 60}, "30"),
        ({"submittedSince": "2026-03-02T12:02:00Z", "submittedUntil": "2026-03-02T15:04:00+03:00"}, "32"),
        ({"integrityBand": "ELEVATED"}, "53210"),
    ],
)
async def test_filters_leave_what_they_say(tmp_path: Path, wanted: dict[str, Any], expected: str) -> None:
    gateway = await filled(tmp_path)
    assert "".join(await walk(gateway, filter=wanted)) == expected


async def test_scores_are_bounded_in_the_order_of_scores_too(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    sort = {"field": "OVERALL_SCORE", "direction": "ASC"}
    wanted = {"minimumScore": 50, "maximumScore": 90.5}
    assert "".join(sorted("".join(await walk(gateway, filter=wanted, sort=sort)))) == "023"


async def test_a_page_that_a_filter_empties_says_where_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await filled(tmp_path)
    monkeypatch.setattr(listing, "MOST_EXAMINED", 2)
    monkeypatch.setattr(listing, "AT_ONCE", 1)
    first = await page(gateway, first=1, filter={"minimumScore": 90, "maximumScore": 91})
    assert (ids(first), first["pageInfo"]["hasNextPage"]) == ("", True)
    assert (await walk(gateway, filter={"minimumScore": 90, "maximumScore": 91})) == ["", "2", "", ""]


async def test_a_new_interview_moves_no_page(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    first = await page(gateway, first=2)
    await gateway.submit(request_id="req-new", interview=interview(9))
    second = await page(gateway, first=2, after=first["pageInfo"]["endCursor"])
    assert ids(second) == "32"


async def test_candidates_list_what_they_submitted_in_any_order(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    own: dict[str, Any] = {"role": "candidate", "subject": "user-1"}
    assert ids(await page(gateway, **own)) == "543210"
    assert ids(await page(gateway, sort={"field": "OVERALL_SCORE"}, first=2, **own)) == "52"
    own["subject"] = "somebody-else"
    for wanted in ({}, {"externalId": "int-3"}, {"candidateEmail": "ada.y@example.org"}):
        assert ids(await page(gateway, filter=wanted, sort={"field": "OVERALL_SCORE"}, **own)) == ""


async def test_a_candidate_lists_what_carries_their_verified_address_too(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    reader = gateway.parts.reader
    ada = replace(user("ada", ACME, Role.CANDIDATE), email="ada.y@example.org")
    for order in Order:
        page = await reader.page(ada, Filter(), Slice(order, descending=True, size=10))
        assert len(page.entries) == len(SCORES)
        stranger = replace(ada, email="eve@example.org")
        assert (await reader.page(stranger, Filter(), Slice(order, True, 10))).entries == ()
        assert (
            await reader.page(stranger, Filter(external_id="int-3"), Slice(order, True, 10))
        ).entries == ()


async def test_an_override_moves_an_interview_in_the_order_of_scores(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    lowest = AnswerFacts(request_id="req-1").interview_id
    change = """mutation { updateScore(interviewId: "%s", score: { overall: 99, reason: "x" }) { id } }"""
    await data_of(gateway, change % lowest)
    assert ids(await page(gateway, sort={"field": "OVERALL_SCORE"}, first=3)) == "512"


async def test_a_forged_cursor_is_refused(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    cursor = (await page(gateway, first=2))["pageInfo"]["endCursor"]
    content = bytearray(base64.urlsafe_b64decode(cursor + "=="))
    content[-1] ^= 1
    forged = base64.urlsafe_b64encode(content).decode().rstrip("=")
    for bad in (forged, cursor[:-4], "", "é", "x" * 500, "....", base64.b64encode(b"\xff" * 40).decode()):
        assert await codes_of(gateway, PAGE, after=bad) == ["invalid_cursor"]


async def test_a_cursor_is_good_for_its_own_list_only(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    cursor = (await page(gateway, first=2))["pageInfo"]["endCursor"]
    assert await codes_of(gateway, PAGE, after=cursor, sort={"field": "OVERALL_SCORE"}) == ["invalid_cursor"]
    assert await codes_of(gateway, PAGE, after=cursor, organization=GLOBEX) == ["invalid_cursor"]
    assert await codes_of(gateway, PAGE, after=cursor, organization=ACME) == []
    other = GatewayBench(tmp_path, signing_secret="y" * 32)
    assert await codes_of(other, PAGE, after=cursor) == ["invalid_cursor"]


@pytest.mark.parametrize(
    "variables",
    [
        {"first": 0},
        {"first": 101},
        {"last": -1},
        {"first": 2, "last": 2},
        {"first": 2, "before": "x"},
        {"filter": {"submittedSince": "2026-03-02T12:02:00"}},
    ],
)
async def test_arguments_that_make_no_sense_are_told_so(
    gateway: GatewayBench, variables: dict[str, Any]
) -> None:
    assert await codes_of(gateway, PAGE, **variables) == ["invalid_input"]


@pytest.mark.parametrize("value", ['{ "$gt": "" }', "{}", "[1]"])
async def test_operators_are_no_filter_values(gateway: GatewayBench, value: str) -> None:
    literal = value.replace('"$gt"', "gt")
    query = f"{{ interviewConnection(filter: {{ externalId: {literal} }}) {{ nodes {{ id }} }} }}"
    assert set(await codes_of(gateway, query)) == {"graphql_validation_failed"}
    body = await answered(gateway, PAGE, filter={"externalId": {"$gt": ""}})
    assert body["errors"][0]["extensions"]["code"] == "graphql_validation_failed"


async def test_the_band_that_a_report_tells_is_filtered_by(tmp_path: Path) -> None:
    gateway = await filled(tmp_path)
    facts = AnswerFacts(request_id="req-4")
    await gateway.tell(facts.reported().model_copy(update={"band": RiskBand.HIGH}))
    assert "".join(await walk(gateway, filter={"integrityBand": "HIGH"})) == "4"
