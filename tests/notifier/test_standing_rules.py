"""The rules of an endpoint's standing, whatever it answers: pauses end, wishes are kept, success heals."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.notifier.notifying import ACME
from tests.support.facts import NOON
from vivavoce.contracts import EndpointHealth
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.endpoints import Standing
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.notifier.standing import (
    LONGEST_THROTTLE,
    Rules,
    after_failure,
    after_success,
    after_throttle,
    health_of,
    is_hopeless,
    is_shut,
)

RULES = Rules.of(NotifierSettings())
NEW = Standing(id="e", organization_id=ACME)
STEPS = st.lists(st.tuples(st.booleans(), st.floats(0, 90_000), st.integers(0, 900)), max_size=40)


def answered(status: int, wish: float | None = None) -> Outcome:
    error = f"the endpoint answered {status}"
    return Outcome(at=NOON, status=status, error=error, duration=0.1, retry_after=wish)


@given(steps=STEPS)
def test_an_endpoint_is_never_shut_for_longer_than_the_rules_say(
    steps: list[tuple[bool, float, int]],
) -> None:
    standing, now = NEW, NOON
    for throttles, wish, gap in steps:
        now += timedelta(seconds=gap)
        before = standing.shut_until
        if throttles:
            standing = after_throttle(standing, answered(429, wish), now, RULES)
        else:
            standing = after_failure(standing, answered(500), now, RULES, trial=True)
        if standing.shut_until is not None:
            assert standing.shut_until - now <= max(LONGEST_THROTTLE, RULES.longest_pause)
            assert before is None or standing.shut_until >= before
        assert standing.failing_since is not None


@given(failures=st.integers(1, 40), wish=st.floats(60, 3600))
def test_a_wish_is_kept_also_when_the_breaker_opens_meanwhile(failures: int, wish: float) -> None:
    standing = after_throttle(NEW, answered(429, wish), NOON, RULES)
    for _ in range(failures):
        standing = after_failure(standing, answered(500), NOON, RULES, trial=False)
    assert is_shut(standing, "any", NOON + timedelta(seconds=wish - 1))


@given(failures=st.integers(1, 40))
def test_one_success_heals_whatever_was_before(failures: int) -> None:
    standing = NEW
    for _ in range(failures):
        standing = after_failure(standing, answered(500), NOON, RULES, trial=True)
    paused = failures >= RULES.breaker_failures
    assert health_of(standing, NOON) == (EndpointHealth.PAUSED if paused else EndpointHealth.FAILING)
    assert after_success(standing, NOON) is None
    assert health_of(None, NOON) == EndpointHealth.HEALTHY


def test_an_endpoint_is_hopeless_after_five_days_of_failures_alone() -> None:
    standing = after_failure(NEW, answered(500), NOON, RULES, trial=False)
    assert not is_hopeless(standing, NOON + timedelta(days=5, seconds=-1), RULES)
    assert is_hopeless(standing, NOON + timedelta(days=5), RULES)
