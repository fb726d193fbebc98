"""From what was probed and heard to the words of `/health`, as pure functions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil

from vivavoce.chassis.http import CheckState
from vivavoce.contracts import Circuit, CircuitState, ServiceReported
from vivavoce.gateway.health.schemas import BreakerBody, Overall, Word

VITAL = "mongo"
OPTIONAL = ("redis", "groq", "piston", "issuer")
SERVICE_NAMES = {"clerk": "issuer"}
"""The word for a provider that the reference calls otherwise than its breaker."""

WORST_FIRST = (CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED)


def overall(services: Mapping[str, Word]) -> Overall:
    """Unhealthy when nothing can be stored; degraded when something else is away."""
    if services.get(VITAL) == "disconnected":
        return "unhealthy"
    away = {"disconnected", "unreachable"} & set(services.values())
    return "degraded" if away else "ok"


def services(
    probes: Mapping[str, CheckState], breakers: Mapping[str, BreakerBody], watched: Mapping[str, Word]
) -> dict[str, Word]:
    """Everything that the gateway and the services behind it use, by name.

    A probe outranks what a breaker says.
    """
    told: dict[str, Word] = dict.fromkeys(OPTIONAL, "not_configured")
    for name, breaker in breakers.items():
        well = breaker.state is CircuitState.CLOSED
        told[SERVICE_NAMES.get(name, name)] = "connected" if well else "unreachable"
    probed: dict[str, Word] = {
        name: "connected" if state.ok else "disconnected" for name, state in probes.items()
    }
    return {**probed, **{name: word for name, word in told.items() if name not in probed}, **watched}


def watched_words(
    names: Iterable[str], reports: Iterable[ServiceReported], *, listening_long: bool
) -> dict[str, Word]:
    """Whether at least one process of each service is there and ready.

    Silence says something only to who has been listening for long.
    """
    silent: Word = "unreachable" if listening_long else "unknown"
    words = dict.fromkeys(names, silent)
    for report in sorted(reports, key=lambda report: report.ready):
        if report.service in words:
            words[report.service] = "connected" if report.ready else "unreachable"
    return words


def breakers(circuits: Iterable[Circuit], now: datetime) -> dict[str, BreakerBody]:
    """The breakers of all processes, by provider."""
    by_provider: dict[str, list[Circuit]] = {}
    for circuit in circuits:
        by_provider.setdefault(circuit.provider, []).append(circuit)
    return {name: _breaker(same, now) for name, same in sorted(by_provider.items())}


def _breaker(circuits: Sequence[Circuit], now: datetime) -> BreakerBody:
    counts = Counter(circuit.state for circuit in circuits)
    state = next(each for each in WORST_FIRST if counts[each])
    worst = [circuit for circuit in circuits if circuit.state is state]
    waits = [max(1, ceil((each.until - now).total_seconds())) for each in worst if each.until is not None]
    return BreakerBody(
        state=state,
        since=min(circuit.since for circuit in worst),
        failures=max(circuit.failures for circuit in worst),
        retry_after=max(waits) if state is CircuitState.OPEN and waits else None,
        instances={each: counts[each] for each in WORST_FIRST if counts[each]},
    )
