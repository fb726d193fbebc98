"""Logs are merged by time, made readable, and followed over rotations."""

import time
from pathlib import Path

import pytest

from vivavoce.cli.logs import Follower, LogLine, parse, recent, render


def line(time: str, event: str) -> str:
    return f'{{"time": "{time}", "level": "info", "service": "x", "event": "{event}", "answer_id": "a1"}}\n'


def texts(lines: list[LogLine]) -> list[str]:
    return [str(found.fields.get("event", found.text)) for found in lines]


def test_lines_of_several_processes_stand_in_order_of_time(tmp_path: Path) -> None:
    media, gateway = tmp_path / "media.log", tmp_path / "gateway.log"
    media.write_text(
        line("2026-01-01T10:00:01Z", "first") + "Traceback\n" + line("2026-01-01T10:00:04Z", "last")
    )
    gateway.write_text(line("2026-01-01T10:00:02Z", "second"))
    merged = recent({"media": media, "gateway": gateway, "absent": tmp_path / "absent.log"}, 10)
    assert texts(merged) == ["first", "Traceback", "second", "last"]


def test_a_json_line_becomes_a_sentence_with_its_fields() -> None:
    shown = render(parse("media", line("2026-01-01T10:00:01Z", "ingested"))).plain
    assert "media" in shown
    assert "ingested" in shown
    assert "answer_id=a1" in shown
    assert "{" not in shown


def test_other_lines_stay_as_they_are_without_control_characters() -> None:
    assert render(parse("broker", "ready \x1b[31min 1ms")).plain.endswith("ready [31min 1ms")
    assert render(parse("broker", '"only a string"')).plain.endswith('"only a string"')


def test_the_supervisors_lines_take_their_place_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Istanbul")
    time.tzset()
    found = parse("supervisor", "2026-01-01 13:00:02,500 WARN exited: media (exit status 1; not expected)")
    monkeypatch.undo()
    time.tzset()
    assert found.time == "2026-01-01T10:00:02.500000+00:00"
    assert "exited: media" in render(found).plain


def test_only_complete_lines_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "media.log"
    path.write_text("old\n")
    follower = Follower("media", path)
    with path.open("a") as log:
        log.write("new\nhalf")
        log.flush()
        assert texts(list(follower.new_lines())) == ["new"]
        log.write(" whole\n")
    assert texts(list(follower.new_lines())) == ["half whole"]
    follower.close()


def test_a_rotated_log_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "media.log"
    path.write_text("old\n")
    follower = Follower("media", path)
    with path.open("a") as log:
        log.write("before\n")
    path.rename(tmp_path / "media.log.1")
    path.write_text("after\n")
    assert texts(list(follower.new_lines())) == ["before", "after"]
    follower.close()


def test_a_log_that_appears_later_is_followed_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "media.log"
    follower = Follower("media", path)
    assert list(follower.new_lines()) == []
    path.write_text("born\n")
    assert texts(list(follower.new_lines())) == ["born"]
    follower.close()
