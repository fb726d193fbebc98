"""Which dead letter is which, and what became of it."""

from datetime import timedelta
from typing import Any

from tests.support.databases import NOON
from vivavoce.chassis.dead_letters import (
    DISCARDED,
    OPEN,
    REDRIVEN,
    History,
    Settlement,
    histories,
    letter_id,
    redrive_id,
)
from vivavoce.chassis.wire import Headers

TOPIC = "score.generated.dlq"
TOLD = {"ce_id": "event-1", "dlq_topic": "score.generated", "dlq_group": "gateway.gateway", "dlq_offset": "7"}


def headers(**changes: str | None) -> Headers:
    told = {**TOLD, **changes}
    return tuple((name, value.encode()) for name, value in told.items() if value is not None)


def settled(action: Any, attempt: int, minutes: int) -> Settlement:
    return Settlement(
        letter_id="l1",
        action=action,
        attempt=attempt,
        redrive_id=None,
        place=f"{TOPIC}/0/0",
        event_id="event-1",
        group="gateway.gateway",
        error=None,
        first_failed_at=None,
        reason="",
        by="somebody",
        at=NOON + timedelta(minutes=minutes),
    )


def test_a_letter_is_the_same_wherever_its_message_lay() -> None:
    assert letter_id(TOPIC, b"{}", headers()) == letter_id(TOPIC, b"{}", headers(dlq_offset="9"))


def test_a_letter_is_another_one_for_another_group_event_or_repetition() -> None:
    others = (headers(dlq_group="media.ingest"), headers(ce_id="event-2"), headers(dlq_redriven_as="r1"))
    known = {letter_id(TOPIC, b"{}", told) for told in (headers(), *others)}
    assert len(known) == 4


def test_without_an_event_id_place_and_content_tell_letters_apart() -> None:
    nameless = headers(ce_id=None)
    elsewhere = headers(ce_id=None, dlq_offset="8")
    known = {letter_id(TOPIC, *told) for told in ((b"a", nameless), (b"b", nameless), (b"a", elsewhere))}
    assert len(known) == 3


def test_a_repeated_redrive_has_the_same_id_until_it_is_recorded() -> None:
    assert redrive_id("l1", 1) == redrive_id("l1", 1) != redrive_id("l1", 2)


def test_what_was_done_last_counts_and_a_step_recorded_twice_counts_once() -> None:
    told = [settled(DISCARDED, 1, 5), settled(REDRIVEN, 1, 0), settled(REDRIVEN, 1, 0)]
    history = histories(told)["l1"]
    assert [done.action for done in history.settlements] == [REDRIVEN, DISCARDED]
    assert (history.state, history.redrives) == (DISCARDED, 1)
    assert (History().state, History().redrives) == (OPEN, 0)
