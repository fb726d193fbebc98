"""Projections: whatever the order in which facts come, the same picture in the end."""

from itertools import permutations
from pathlib import Path
from typing import Any

from tests.support.gateway import GLOBEX, GatewayBench
from tests.support.interview_facts import SAID, AnswerFacts, put_transcript
from vivavoce.contracts import Fact, NullReason, RiskBand, Stage

ANSWER = AnswerFacts()


async def shown(gateway: GatewayBench) -> list[Any]:
    async with gateway.client() as client:
        state = await client.get(f"/api/interview-record/{ANSWER.interview_id}")
        result = await client.get(f"/api/job-result/by-job/{ANSWER.answer_id}")
    return [state.json(), result.json()]


async def every_fact(gateway: GatewayBench) -> tuple[Fact, ...]:
    features = ANSWER.features(await put_transcript(gateway.store))
    return (features, ANSWER.proctored(), ANSWER.reported(), ANSWER.scored(), ANSWER.completed())


async def test_every_order_of_arrival_gives_the_same_picture(tmp_path: Path) -> None:
    pictures = []
    for order in list(permutations(range(5)))[::7]:
        gateway = GatewayBench(tmp_path)
        await gateway.submit()
        facts = await every_fact(gateway)
        await gateway.tell(*(facts[position] for position in order))
        pictures.append(await shown(gateway))
    assert all(picture == pictures[0] for picture in pictures)
    assert pictures[0][1]["result"]["transcription"]["text"] == SAID


async def test_a_repeated_fact_leaves_no_second_trace(gateway: GatewayBench) -> None:
    await gateway.submit()
    for _ in range(2):
        await gateway.tell(ANSWER.scored(), event_id="the-same")
    stored = await gateway.parts.interviews.happenings_after(ANSWER.organization, ANSWER.interview_id, 0)
    assert [happening.type for happening in stored] == ["interview.submitted", "score.generated"]


async def test_a_report_that_could_be_made_beats_one_that_could_not(gateway: GatewayBench) -> None:
    await gateway.submit()
    unavailable = ANSWER.proctored(band=RiskBand.UNAVAILABLE, reason=NullReason.UNAVAILABLE)
    await gateway.tell(ANSWER.proctored(), unavailable, ANSWER.features(), ANSWER.scored())
    assert (await shown(gateway))[1]["result"]["integrityBand"] == "elevated"


async def test_an_unreadable_transcript_loses_the_text_and_nothing_else(gateway: GatewayBench) -> None:
    await gateway.submit()
    claim = await put_transcript(gateway.store)
    await gateway.store.put(claim.key, b"x" * claim.size, claim.media_type)
    await gateway.tell(ANSWER.features(claim), ANSWER.proctored(), ANSWER.scored())
    result = (await shown(gateway))[1]["result"]
    assert result["transcription"]["text"] is None
    assert result["reasons"]["transcription.text"] == "unavailable"
    assert result["evaluationResult"]["overallScore"] == 78.5
    assert await gateway.dead_letters() == ["media.features.dlq"]


async def test_a_fact_about_an_unknown_answer_is_put_aside(gateway: GatewayBench) -> None:
    await gateway.tell(ANSWER.scored())
    assert await gateway.dead_letters() == ["score.generated.dlq"]


async def test_a_fact_of_another_organization_changes_nothing(gateway: GatewayBench) -> None:
    await gateway.submit()
    before = await shown(gateway)
    await gateway.tell(ANSWER.scored(), ANSWER.completed(), organization=GLOBEX)
    assert await shown(gateway) == before


async def test_the_first_end_of_an_interview_stands(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    await gateway.tell(ANSWER.completed(overall=None, reason=NullReason.DEADLINE_PASSED))
    assert (await shown(gateway))[0]["status"] == "completed"


async def test_the_state_tells_each_answers_stage_and_the_share_done(gateway: GatewayBench) -> None:
    await gateway.submit()
    gateway.parts.board.note(ANSWER.progress(Stage.ANALYSING, 0.5))
    state = (await shown(gateway))[0]
    assert (state["status"], state["share"]) == ("processing", 0.5)
    assert (state["answers"][0]["stage"], state["answers"][0]["share"]) == ("analysing", 0.5)


async def test_progress_never_goes_back_behind_what_is_stored(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.features())
    gateway.parts.board.note(ANSWER.progress(Stage.FETCHING, 0.9))
    assert (await shown(gateway))[0]["answers"][0]["stage"] == "scoring"


async def test_an_ended_interview_shows_its_totals(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(*await every_fact(gateway))
    state = (await shown(gateway))[0]
    assert (state["status"], state["share"], state["overallScore"]) == ("completed", 1.0, 78.5)
    assert [(one["score"], one["reason"]) for one in state["competencies"]] == [
        (81.0, None),
        (None, "not_touched"),
    ]
    assert state["messages"] == {"not_touched": "No sentence was recognized as showing this competency."}
    assert state["integrityBand"] == "elevated"


async def test_happenings_are_numbered_without_gaps(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored())
    stored = await gateway.parts.interviews.happenings_after(ANSWER.organization, ANSWER.interview_id, 0)
    assert [happening.sequence for happening in stored] == [1, 2, 3, 4]
