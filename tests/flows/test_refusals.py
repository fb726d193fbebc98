"""A fact that the broker will never take ends no interview's way: it ends without it, or with it later."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.house import House
from vivavoce.chassis.wire import Parcel, ParcelRefused, Placed
from vivavoce.contracts import Fact, InterviewCompleted, InterviewSubmitted, MediaFeatures


@contextmanager
def refusing(house: House, kind: type[Fact], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Until the end of the block the broker refuses every fact of a kind."""
    send = house.bus.wire.send

    async def refuse(parcel: Parcel) -> Placed:
        if parcel.topic == kind.type:
            raise ParcelRefused("too large")
        return await send(parcel)

    with monkeypatch.context() as patched:
        patched.setattr(house.bus.wire, "send", refuse)
        yield


async def test_an_interview_whose_submission_is_refused_ends_as_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing(house, InterviewSubmitted, monkeypatch):
        interview = await house.submit("one")
        await house.settle()
        await house.wait(hours=12)
    state = await house.state(interview)
    assert (state["status"], state["answers"][0]["reason"]) == ("failed", "never_acknowledged")


async def test_an_interview_whose_features_are_refused_ends_at_its_deadline(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing(house, MediaFeatures, monkeypatch):
        interview = await house.submit("one")
        await house.settle()
        await house.wait(hours=3)
    state = await house.state(interview)
    assert (state["status"], state["answers"][0]["reason"]) == ("failed", "deadline_passed")


async def test_an_end_that_was_refused_arrives_once_it_is_sent_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing(house, InterviewCompleted, monkeypatch):
        interview = await house.submit("one")
        await house.settle()
    assert (await house.state(interview))["status"] == "processing"
    assert [result["status"] for result in await house.results(interview)] == ["success"]

    outbox = house.databases["evaluation"].outbox
    [refused] = await outbox.refused(10)
    await outbox.send_again([refused.row.id])
    await house.settle()
    assert (await house.state(interview))["status"] == "completed"
