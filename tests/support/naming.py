"""Made-up host names for the processes of a stack, which resolve as told on any machine."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

HOOK = Path(__file__).with_name("resolving")
NAMES_VARIABLE = "MADE_UP_NAMES"


def resolving(names: Mapping[str, str]) -> dict[str, str]:
    """The environment in which each name resolves to its address; all others resolve as always."""
    paths = (str(HOOK), os.environ.get("PYTHONPATH", ""))
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), NAMES_VARIABLE: json.dumps(dict(names))}
