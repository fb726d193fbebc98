""".env.example lists every setting, and what it says can be read back."""

import pytest
from pydantic_settings import BaseSettings

from tests.support.shared import ROOT
from tools.env_example import SERVICES, env_example, settings_class, variables

EXAMPLE = ROOT / ".env.example"


def written() -> dict[str, str]:
    lines = [line[1:] for line in EXAMPLE.read_text().splitlines() if line[:1] == "#" and line[1:2].isupper()]
    return dict(line.split("=", 1) for line in lines)


def test_the_example_is_what_the_settings_say() -> None:
    assert EXAMPLE.read_text() == env_example()


@pytest.mark.parametrize("service", SERVICES)
def test_every_line_of_the_example_can_be_read_and_changes_nothing(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: type[BaseSettings] = settings_class(service)
    names = {name for name, _, _ in variables(kind, without=set())}
    for name in names:
        monkeypatch.delenv(name, raising=False)
    defaults = kind()
    for name, value in written().items():
        if name in names and name not in {"SERVICE_NAME", "MONGODB_DATABASE"}:
            monkeypatch.setenv(name, value)
    assert kind() == defaults


def test_a_stack_on_kafka_has_no_doorbells() -> None:
    assert "DOORBELL" not in (ROOT / "docker-compose.yml").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_says_what_it_means(service: str) -> None:
    silent = [
        name for name, field, _ in variables(settings_class(service), without=set()) if not field.description
    ]
    assert silent == []
