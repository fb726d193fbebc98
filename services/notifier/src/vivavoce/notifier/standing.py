"""How an endpoint fares, as rules: the circuit breaker, throttling, and when to give an endpoint up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vivavoce.contracts import EndpointHealth
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.endpoints import Standing
from vivavoce.notifier.settings import NotifierSettings

SHORTEST_THROTTLE = timedelta(seconds=1)
LONGEST_THROTTLE = timedelta(hours=1)
MOST_DOUBLINGS = 20


@dataclass(frozen=True)
class Rules:
    """When an endpoint is paused, for how long, and when it is disabled."""

    breaker_failures: int
    pause: timedelta
    longest_pause: timedelta
    throttle: timedelta
    disable_after: timedelta

    @classmethod
    def of(cls, settings: NotifierSettings) -> "Rules":
        """The rules that the settings make."""
        return cls(
            breaker_failures=settings.webhook_breaker_failures,
            pause=timedelta(seconds=settings.webhook_pause),
            longest_pause=timedelta(seconds=settings.webhook_longest_pause),
            throttle=timedelta(seconds=settings.webhook_throttle),
            disable_after=timedelta(seconds=settings.webhook_disable_after),
        )


def is_paused(standing: Standing | None) -> bool:
    """Whether the circuit breaker is open, be it for a trial alone."""
    return standing is not None and standing.shut_by == EndpointHealth.PAUSED


def is_throttled(standing: Standing | None, now: datetime) -> bool:
    """Whether the endpoint has asked for a pause that is not over."""
    if standing is None or standing.shut_until is None or is_paused(standing):
        return False
    return standing.shut_until > now


def is_shut(standing: Standing | None, delivery_id: str, now: datetime) -> bool:
    """Whether this delivery may not be tried now. The trial of a paused endpoint may."""
    if standing is not None and is_paused(standing):
        return standing.probing != delivery_id
    return is_throttled(standing, now)


def health_of(standing: Standing | None, now: datetime) -> EndpointHealth:
    """One word for it."""
    if is_paused(standing):
        return EndpointHealth.PAUSED
    if is_throttled(standing, now):
        return EndpointHealth.THROTTLED
    failing = standing is not None and standing.failures > 0
    return EndpointHealth.FAILING if failing else EndpointHealth.HEALTHY


def after_success(standing: Standing | None, now: datetime) -> Standing | None:
    """All is well again; only a pause that the endpoint asked for lasts until its end."""
    if standing is None or not is_throttled(standing, now):
        return None
    return standing.model_copy(
        update={"failures": 0, "pauses": 0, "failing_since": None, "last_error": None, "probing": None}
    )


def after_throttle(standing: Standing, outcome: Outcome, now: datetime, rules: Rules) -> Standing:
    """The endpoint asked for a pause: its own wish, or the rule's; nothing counts as failed by that."""
    wish = rules.throttle if outcome.retry_after is None else timedelta(seconds=outcome.retry_after)
    until = now + min(max(wish, SHORTEST_THROTTLE), LONGEST_THROTTLE)
    update = {
        "failing_since": standing.failing_since or now,
        "last_error": outcome.error,
        "shut_until": max(until, standing.shut_until or until),
    }
    shut_by = EndpointHealth.PAUSED if is_paused(standing) else EndpointHealth.THROTTLED
    return standing.model_copy(update={**update, "shut_by": shut_by, "probing": None})


def after_failure(
    standing: Standing, outcome: Outcome, now: datetime, rules: Rules, *, trial: bool
) -> Standing:
    """One more failure. The breaker opens after so many in a row, and anew after each failed trial."""
    failed = standing.model_copy(
        update={
            "failures": standing.failures + 1,
            "failing_since": standing.failing_since or now,
            "last_error": outcome.error,
        }
    )
    if is_paused(standing) and not trial:
        return failed
    return failed if failed.failures < rules.breaker_failures else _paused(failed, now, rules)


def half_open(standing: Standing) -> Standing:
    """Open for whatever comes next, because nothing waits that could be tried; one failure shuts it."""
    return standing.model_copy(update={"shut_until": None, "shut_by": None, "probing": None})


def on_trial(standing: Standing, delivery_id: str) -> Standing:
    """Paused for all but one delivery."""
    return standing.model_copy(update={"probing": delivery_id})


def is_hopeless(standing: Standing, now: datetime, rules: Rules) -> bool:
    """Whether it has failed so long that it is disabled."""
    return standing.failing_since is not None and now - standing.failing_since >= rules.disable_after


def _paused(standing: Standing, now: datetime, rules: Rules) -> Standing:
    doubled = rules.pause * int(2 ** min(standing.pauses, MOST_DOUBLINGS))
    return standing.model_copy(
        update={
            "pauses": standing.pauses + 1,
            "shut_until": now + min(doubled, rules.longest_pause),
            "shut_by": EndpointHealth.PAUSED,
            "probing": None,
        }
    )
