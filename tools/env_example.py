"""The text of .env.example: every setting of every service, with its meaning and default."""

import importlib
import json
import textwrap
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode

from vivavoce.chassis.settings import ServiceSettings

SERVICES = ("gateway", "media", "proctoring", "evaluation", "notifier")
WIDTH = 100
NOTE = "# Every setting of every service. Uncomment what you change; the values are the defaults.\n"


def env_example() -> str:
    """The settings that all services share first, then each service's own."""
    blocks = [NOTE, _block("Every service", ServiceSettings, without=set())]
    shared = set(ServiceSettings.model_fields)
    blocks += [
        _block(f"The {service} service", settings_class(service), without=shared) for service in SERVICES
    ]
    return "\n".join(blocks)


def settings_class(service: str) -> type[BaseSettings]:
    """The settings of a service."""
    module = importlib.import_module(f"vivavoce.{service}.settings")
    kind: type[BaseSettings] = getattr(module, f"{service.capitalize()}Settings")
    return kind


def variables(kind: type[BaseSettings], without: set[str]) -> Iterator[tuple[str, FieldInfo, object]]:
    """Each environment variable that the settings read, with its field and default; groups are opened."""
    delimiter = kind.model_config.get("env_nested_delimiter") or "__"
    own = {name: field for name, field in kind.model_fields.items() if name not in without}
    yield from _opened(own, "", delimiter)


def _opened(
    fields: Mapping[str, FieldInfo], prefix: str, delimiter: str
) -> Iterator[tuple[str, FieldInfo, object]]:
    for name, field in fields.items():
        variable = f"{prefix}{name.upper()}"
        default = field.get_default(call_default_factory=True, validated_data={})
        if isinstance(default, BaseModel):
            yield from _opened(type(default).model_fields, variable + delimiter, delimiter)
        else:
            yield variable, field, default


def _block(title: str, kind: type[BaseSettings], without: set[str]) -> str:
    lines = [f"# ── {title} ".ljust(WIDTH, "─")]
    for variable, field, default in variables(kind, without):
        described = field.description or ""
        lines += textwrap.wrap(described, WIDTH, initial_indent="# ", subsequent_indent="# ")
        lines.append(f"#{variable}={_value(default, plain_list=NoDecode in field.metadata)}")
    return "\n".join(lines) + "\n"


def _value(default: object, *, plain_list: bool) -> str:
    """The default as it is written in an environment: lists as JSON, or with commas where they may be."""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, (list, tuple)):
        return ",".join(map(str, default)) if plain_list else json.dumps(default)
    return "" if default is None else str(default)
