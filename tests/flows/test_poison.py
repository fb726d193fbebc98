"""A message that can't be handled is put aside, and whatever comes after it goes on."""

from typing import Any

import pytest

from tests.support import facts
from tests.support.delivery import envelope
from tests.support.house import House
from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.wire import Parcel
from vivavoce.contracts import Fact

NO_VALUE: Any = None  # Kafka lets a header be null.
SAID = facts.features()
WELL_SAID = tuple(envelope(SAID).to_headers())
POISONS = {
    "no_json": (b"\x00\xff{", WELL_SAID),
    "nothing": (None, WELL_SAID),
    "another_shape": (b'{"interview_id": 7}', WELL_SAID),
    "no_envelope": (SAID.model_dump_json().encode(), ()),
    "another_type": (SAID.model_dump_json().encode(), tuple(envelope(facts.completed()).to_headers())),
}


@pytest.mark.parametrize("poison", POISONS)
async def test_a_message_that_cannot_be_read_stops_no_interview(house: House, poison: str) -> None:
    interview = await house.submit("one", "two")
    value, headers = POISONS[poison]
    key = interview.id.encode()
    await house.bus.wire.send(Parcel("media.features", key, value, headers))
    await house.settle()
    assert (await house.state(interview))["status"] == "completed"
    dead = house.bus.records("media.features.dlq")
    assert {dict(record.headers)["dlq_group"] for record in dead} == {
        b"proctoring.watching",
        b"evaluation.judging",
        b"gateway.gateway",
    }
    assert {(record.key, record.value) for record in dead} == {(key, value)}


@pytest.mark.parametrize("stray", [facts.scored(), facts.completed(), facts.rejected()])
async def test_a_fact_about_an_interview_that_never_was_stops_no_other(house: House, stray: Fact) -> None:
    await house.bus.wire.send(to_parcel(stray, envelope(stray, "stray")))
    interview = await house.submit("one", "two")
    await house.settle()
    assert (await house.state(interview))["status"] == "completed"
    (dead,) = house.bus.records(f"{stray.type}.dlq")
    assert dict(dead.headers)["dlq_group"] == b"gateway.gateway"


async def test_a_dead_letter_sent_again_with_a_null_header_stops_no_interview(house: House) -> None:
    interview = await house.submit("one", "two")
    again = (*WELL_SAID, ("dlq_group", b"gateway.gateway"), ("dlq_partition", NO_VALUE))
    await house.bus.wire.send(Parcel("media.features", interview.id.encode(), b"{", again))
    await house.settle()
    assert (await house.state(interview))["status"] == "completed"
    (dead,) = house.bus.records("media.features.dlq")
    assert dict(dead.headers)["dlq_group"] == b"gateway.gateway"
