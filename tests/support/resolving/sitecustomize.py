"""Has a process resolve made-up host names; Python runs this first where its folder is on the path."""

import json
import os
import socket
from functools import wraps
from typing import Any

NAMES: dict[str, str] = json.loads(os.environ.get("MADE_UP_NAMES", "{}"))
look_up = socket.getaddrinfo


@wraps(look_up)
def resolve(host: Any, *arguments: Any, **options: Any) -> Any:
    return look_up(NAMES.get(host, host), *arguments, **options)


vars(socket)["getaddrinfo"] = resolve
