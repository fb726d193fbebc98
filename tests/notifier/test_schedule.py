"""A failed delivery is tried again after growing delays, and ends."""

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.notifier.schedule import LONGEST_WISH, next_delay
from vivavoce.notifier.settings import STANDARD_RETRY_DELAYS

CHANCE = st.floats(0, 1)


@given(attempts=st.integers(1, len(STANDARD_RETRY_DELAYS)), chance=CHANCE)
def test_a_delay_stays_within_its_jitter(attempts: int, chance: float) -> None:
    delay = next_delay(STANDARD_RETRY_DELAYS, attempts, 0.2, chance)
    planned = STANDARD_RETRY_DELAYS[attempts - 1]
    assert delay is not None
    assert planned * 0.8 - 1e-6 <= delay <= planned * 1.2 + 1e-6


def test_the_schedule_lasts_about_three_days_and_ends() -> None:
    assert 60 < sum(STANDARD_RETRY_DELAYS) / 3600 < 90
    assert next_delay(STANDARD_RETRY_DELAYS, len(STANDARD_RETRY_DELAYS) + 1, 0.2, 0.5) is None


@given(wish=st.floats(0, 1e9), chance=CHANCE)
def test_the_receiver_can_lengthen_a_delay_but_not_beyond_a_day(wish: float, chance: float) -> None:
    delay = next_delay((5,), 1, 0.2, chance, wish)
    assert delay is not None
    assert min(wish, LONGEST_WISH) <= delay <= max(LONGEST_WISH, 6)
