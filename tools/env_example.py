"""The text of .env.example: every setting of every service, with its meaning and default."""

import importlib
import textwrap
from collections.abc import Iterator

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from vivavoce.chassis.settings import ServiceSettings

SERVICES = ("gateway", "media", "proctoring", "evaluation", "notifier")
WIDTH = 100


def env_example() -> str:
    """The settings that all services share first, then each service's own."""
    blocks = ["# Every setting of every service. Uncomment what you change; the values are the defaults.\n"]
    blocks.append(_block("Every service", ServiceSettings, without=set()))
    shared = set(ServiceSettings.model_fields)
    for service in SERVICES:
        module = importlib.import_module(f"vivavoce.{service}.settings")
        kind: type[BaseSettings] = getattr(module, f"{service.capitalize()}Settings")
        blocks.append(_block(f"The {service} service", kind, without=shared))
    return "\n".join(blocks)


def _block(title: str, kind: type[BaseSettings], without: set[str]) -> str:
    lines = [f"# ── {title} ".ljust(WIDTH, "─")]
    for name, field in kind.model_fields.items():
        if name not in without:
            lines += _setting(name, field)
    return "\n".join(lines) + "\n"


def _setting(name: str, field: FieldInfo) -> Iterator[str]:
    description = field.description or ""
    yield from textwrap.wrap(description, WIDTH, initial_indent="# ", subsequent_indent="# ")
    yield f"#{name.upper()}={_value(field.get_default(call_default_factory=True, validated_data={}))}"


def _value(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, (list, tuple)):
        return ",".join(str(item) for item in default)
    return "" if default is None else str(default)
