"""A submission counts once, for its own organization, and only with consent."""

import json
from collections import Counter
from pathlib import Path

from tests.support.gateway import ACME, GLOBEX, submission
from tests.support.house import House
from vivavoce.contracts import FACTS, ScoreGenerated


async def test_a_repeat_before_the_end_gets_the_same_answer_and_adds_nothing(house: House) -> None:
    interview = await house.submit("one", "two")
    repeat = await house.hand_in(interview.body)
    await house.settle()
    assert (interview.response.status_code, repeat.response.status_code) == (202, 200)
    assert repeat.response.json() == interview.response.json()
    assert len(house.bus.records("interview.submitted")) == 1
    assert len(house.bus.records("recording.requested")) == 2


async def test_a_repeat_after_the_end_sets_nothing_going(house: House) -> None:
    interview = await house.submit("one", "two")
    await house.settle()
    before = (await house.state(interview), await house.results(interview), house.published())
    repeat = await house.hand_in(interview.body)
    await house.settle()
    assert repeat.response.status_code == 200
    assert (await house.state(interview), await house.results(interview), house.published()) == before


async def test_equal_request_ids_of_two_organizations_are_two_interviews(house: House) -> None:
    ours = await house.submit("one", "not_found", organization=ACME, request_id="same")
    theirs = await house.submit("three", organization=GLOBEX, request_id="same")
    await house.settle()
    assert ours.id != theirs.id
    assert not {*ours.pipelines} & {*theirs.pipelines}
    assert (await house.state(ours))["status"] == "partial"
    assert (await house.state(theirs))["status"] == "completed"


async def test_neither_sees_the_others_interview_nor_hears_of_it(house: House) -> None:
    await house.hook("https://hooks.example/acme", ACME)
    await house.hook("https://hooks.example/globex", GLOBEX)
    ours = await house.submit("one", "two", organization=ACME, request_id="same")
    theirs = await house.submit("three", organization=GLOBEX, request_id="same")
    await house.settle()
    async with house.caller(ACME) as caller:
        assert (await caller.get(f"/api/interview-record/{theirs.id}")).status_code == 404
        assert (await caller.get(f"/api/job-result/by-job/{theirs.pipelines[0]}")).status_code == 404
        latest = (await caller.get("/api/job-result/video-1")).json()
    assert latest["pipelineId"] == ours.pipelines[0]
    told = [(sent.url.rpartition("/")[2], json.loads(sent.body)["data"]) for sent in house.sender.sent]
    assert Counter((name, data["interview_id"]) for name, data in told) == {
        ("acme", ours.id): 3,
        ("globex", theirs.id): 2,
    }


async def test_every_fact_belongs_to_the_organization_that_submitted(house: House) -> None:
    await house.submit("one", organization=ACME, request_id="same", correlation="ours")
    await house.submit("two", organization=GLOBEX, request_id="same", correlation="theirs")
    await house.settle()
    pairs = {(envelope.organization_id, envelope.correlation_id) for envelope in house.published()}
    assert pairs == {(ACME, "ours"), (GLOBEX, "theirs")}
    assert len(house.published(ScoreGenerated)) == 2


async def test_without_consent_nothing_is_stored_or_published(tmp_path: Path) -> None:
    house = House(tmp_path, attested_consent_organizations=())
    refused = await house.hand_in(submission())
    await house.wait(minutes=10)
    assert refused.response.status_code == 403
    assert "consent" in refused.response.json()["error"]
    assert [topic for topic in FACTS if house.bus.records(topic)] == []
    accepted = await house.hand_in(submission(consent={"basis": "consent"}))
    assert accepted.response.status_code == 202
