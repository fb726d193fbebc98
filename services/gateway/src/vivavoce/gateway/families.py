"""Which API family a path belongs to: its errors have that family's shape, and its documents that name."""

from enum import StrEnum


class Family(StrEnum):
    """The families behind the one door."""

    RECORDS = "records"
    PLATFORM = "platform"
    V1 = "v1"
    V2 = "v2"
    TALENT = "talent"
    GRAPHQL = "graphql"
    SYSTEM = "system"


PREFIXES: dict[str, Family] = {
    "/api/v1": Family.V1,
    "/api/v2": Family.V2,
    "/api/interview-record": Family.RECORDS,
    "/api/job-result": Family.RECORDS,
    "/api/pluto": Family.TALENT,
    "/api/prebrief": Family.TALENT,
    "/api/rooms": Family.TALENT,
    "/api/realtime": Family.TALENT,
    "/api/analytics": Family.TALENT,
    "/api/intake": Family.TALENT,
    "/api/livekit": Family.TALENT,
    "/api/csrf": Family.SYSTEM,
    "/api": Family.PLATFORM,
    "/graphql": Family.GRAPHQL,
}
"""The first that is the path, or one of its parents, decides; whatever none is belongs to the system."""


def family_of(path: str) -> Family:
    """The family of a path, or of a path's template, whether or not there is anything at it."""
    return next((family for prefix, family in PREFIXES.items() if is_under(path, prefix)), Family.SYSTEM)


def is_under(path: str, prefix: str) -> bool:
    """Whether a path is the prefix or lies below it; `/api/v10` is not below `/api/v1`."""
    return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}
