"""Log lines: JSON with who it was for, and never a secret."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from tests.support.databases import CONTEXT
from tests.support.delivery import settings
from tests.support.plain_log import log_plainly
from vivavoce.chassis.correlation import bound
from vivavoce.chassis.log import REPEAT_SECONDS, FewRepeats, configure_logging, get_logger, redact
from vivavoce.chassis.redaction import HIDDEN


@pytest.fixture
def configure() -> Iterator[Callable[[], None]]:
    """Logging as a process configures it, put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield lambda: configure_logging(settings("media"))
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    log_plainly()


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    line = capsys.readouterr().out.splitlines()[-1]
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_a_line_says_when_who_what_and_for_whom(
    configure: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure()
    with bound(CONTEXT):
        get_logger("vivavoce.media").info("recording_fetched", size=12)

    line = last_line(capsys)
    assert line.pop("time")
    assert line == {
        "event": "recording_fetched",
        "level": "info",
        "logger": "vivavoce.media",
        "service": "media",
        "size": 12,
        "correlation_id": "corr-1",
        "organization_id": "org_acme",
    }


@pytest.mark.parametrize("name", ["uvicorn.error", "faststream", "aiokafka.consumer", "pymongo.command"])
def test_libraries_write_the_same_lines(
    name: str, configure: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure()
    logging.getLogger(name).warning("lost %s", "https://host/x?signature=abc")

    line = last_line(capsys)
    assert (line["event"], line["service"]) == (f"lost https://host/x?{HIDDEN}", "media")


def test_an_exception_is_part_of_its_line(
    configure: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure()
    try:
        raise ValueError("mongodb://user:pass@db/x")
    except ValueError:
        get_logger("vivavoce").exception("failed")

    line = last_line(capsys)
    assert "ValueError" in str(line["exception"])
    assert "pass@" not in str(line)


@pytest.mark.parametrize(
    "name",
    [
        *("password", "api_key", "Authorization", "webhook_secret", "accessToken", "set-cookie", "jwt"),
        *("candidate_email", "surname", "firstName", "phone"),
    ],
)
def test_the_value_of_a_field_named_like_a_secret_is_hidden(name: str) -> None:
    assert redact(None, "", {"event": "e", "inner": {name: "s3cret"}})["inner"] == {name: HIDDEN}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "GET https://cdn.example/v.mp4?X-Amz-Signature=1f&b=2 failed",
            f"GET https://cdn.example/v.mp4?{HIDDEN} failed",
        ),
        ("s3://bucket/key#frag", f"s3://bucket/key?{HIDDEN}"),
        ("mongodb://admin:pw@db:27017/x", f"mongodb://{HIDDEN}@db:27017/x"),
        ("Authorization: Bearer eyJhbGciOi.J9.x", f"Authorization: {HIDDEN}"),
        ("a Bearer abcdefghij0", f"a Bearer {HIDDEN}"),
        ("secret whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", f"secret {HIDDEN}"),
        ("token eyJhbGciOi.eyJzdWIi.c2ln is old", f"token {HIDDEN} is old"),
        ("key viva_0123456789ab_" + "k" * 43, f"key viva_0123456789ab_{HIDDEN}"),
        ("vivart_" + "r" * 43 + " was used twice", f"vivart_{HIDDEN} was used twice"),
        ("Set-Cookie: session=abc; Secure", f"Set-Cookie: {HIDDEN}"),
        ("ada.y+x@example.org is taken", f"{HIDDEN} is taken"),
        ("got {'password': 'p\\'w', 'n': 1}", f"got {{'password': {HIDDEN}, 'n': 1}}"),
        ('got {"new_password":"p\\"w"}', f'got {{"new_password":{HIDDEN}}}'),
        (
            "bad [type=x, input_value='Ada', input_type=str]",
            f"bad [type=x, input_value={HIDDEN}, input_type=str]",
        ),
        ("login(user_password='x y', n=1)", f"login(user_password={HIDDEN}, n=1)"),
        ("max_tokens=5 of tokens=7", "max_tokens=5 of tokens=7"),
        ("viva_webhook_accepted_after_seconds", "viva_webhook_accepted_after_seconds"),
        ("aiokafka 0.14 @ work", "aiokafka 0.14 @ work"),
        ("why? because", "why? because"),
        ("token_count is fine", "token_count is fine"),
    ],
)
def test_secrets_inside_texts_are_hidden(text: str, shown: str) -> None:
    assert redact(None, "", {"event": text, "list": [text]}) == {"event": shown, "list": [shown]}


def test_bytes_are_not_written_out() -> None:
    assert redact(None, "", {"value": b"12345"}) == {"value": "[5 bytes]"}


def test_what_a_client_of_the_broker_says_again_and_again_is_written_once(
    configure: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure()
    for _ in range(5):
        logging.getLogger("aiokafka").error("no connection to %s", "one")
        logging.getLogger("aiokafka.cluster").error("no connection to %s", "another")
        get_logger("vivavoce.media").info("jobs_wait")
    told = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert told.count("no connection to one") == 1
    assert told.count("no connection to another") == 1
    assert told.count("jobs_wait") == 5


def test_what_a_client_of_the_broker_still_says_later_is_written_again() -> None:
    few = FewRepeats("aiokafka")
    record = logging.makeLogRecord({"name": "aiokafka", "msg": "no connection", "created": 100.0})
    assert few.filter(record)
    record.created += REPEAT_SECONDS / 2
    assert not few.filter(record)
    record.created += REPEAT_SECONDS
    assert few.filter(record)
