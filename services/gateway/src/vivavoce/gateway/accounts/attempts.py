"""How long somebody waits who has given wrong passwords: a rule over what was counted."""

from datetime import datetime, timedelta

from vivavoce.chassis.documents import Document
from vivavoce.gateway.accounts.settings import AccountSettings

MOST_DOUBLINGS = 30


class Failures(Document):
    """Wrong passwords, and those that are being tried, of one budget; `id` doesn't tell of whom."""

    count: int = 0
    last_at: datetime
    expires_at: datetime


def wait_after(count: int, free: int, settings: AccountSettings) -> timedelta:
    """The wait after so many failures: none within the free ones, then doubled each time."""
    if count < free:
        return timedelta()
    doubled = settings.sign_in_first_wait_seconds * 2.0 ** min(count - free, MOST_DOUBLINGS)
    return timedelta(seconds=min(doubled, settings.sign_in_longest_wait_seconds))


def remaining(failures: Failures | None, free: int, now: datetime, settings: AccountSettings) -> timedelta:
    """How long a budget still refuses."""
    if failures is None or failures.expires_at <= now:
        return timedelta()
    return max(timedelta(), failures.last_at + wait_after(failures.count, free, settings) - now)


def counted(
    failures: Failures | None, id: str, organization_id: str, now: datetime, settings: AccountSettings
) -> Failures:
    """The budget with one failure more."""
    before = 0 if failures is None or failures.expires_at <= now else failures.count
    kept = max(settings.sign_in_forget_seconds, settings.sign_in_longest_wait_seconds)
    return Failures(
        id=id,
        organization_id=organization_id,
        count=before + 1,
        last_at=now,
        expires_at=now + timedelta(seconds=kept),
    )
