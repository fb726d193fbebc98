"""Checks docker-compose.yml: valid by the Compose specification, whole, and true to the settings.

YAML merges are resolved first; the library validates by the specification; then come the house's
own rules: every service is there, its environment names real settings, its image's lock file exists, and
whoever mounts a volume is told its path, for data beside a volume is lost with the container.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import compose_spec
import yaml
from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "media", "proctoring", "evaluation", "notifier")
NEEDED = {*SERVICES, "kafka", "mongo", "topics"}


def settings_of(service: str) -> set[str]:
    """The environment variables that a service reads."""
    module = importlib.import_module(f"vivavoce.{service}.settings")
    kind: type[BaseSettings] = getattr(module, f"{service.capitalize()}Settings")
    return {name.upper() for name in kind.model_fields}


def breaches(text: str) -> Iterator[str]:
    """What is wrong with the file, one sentence each."""
    try:
        compose_spec.PyCompose.from_yaml(json.dumps(yaml.safe_load(text)))
    except ValueError as error:
        yield f"docker-compose.yml is not valid Compose: {error}"
        return
    services = yaml.safe_load(text)["services"]
    for name in sorted(NEEDED - set(services)):
        yield f"docker-compose.yml has no service {name}"
    for name in SERVICES:
        for variable in sorted(set(services[name]["environment"]) - settings_of(name)):
            yield f"docker-compose.yml gives {name} the variable {variable}, which it doesn't read"
        if not (ROOT / f"deploy/docker/{name}.lock").is_file():
            yield f"deploy/docker/{name}.lock is missing: run make lock"
    for name, service in services.items():
        yield from unnamed_volumes(name, service)


def unnamed_volumes(name: str, service: dict[str, Any]) -> Iterator[str]:
    """The volumes, unlike folders of the host, whose path a service is not told."""
    told = f"{service.get('environment')} {service.get('command')}"
    for mount in service.get("volumes", ()):
        source, path = mount.split(":")[:2]
        if not source.startswith((".", "/")) and path not in told:
            yield f"docker-compose.yml mounts {path} into {name}, whose environment and command don't name it"


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    found = list(breaches((ROOT / "docker-compose.yml").read_text()))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
