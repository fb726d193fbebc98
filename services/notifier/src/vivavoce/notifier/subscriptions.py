"""What the notifier listens to: every public fact of the contracts, and jobs that somebody follows."""

from datetime import timedelta

from vivavoce.chassis.subscriptions import Group, on
from vivavoce.contracts import PUBLIC_FACTS, JobFollowed, JobProgressed
from vivavoce.notifier.followers import Followers
from vivavoce.notifier.handlers import Handlers

SHORT = timedelta(seconds=10)


def subscriptions(handlers: Handlers, followers: Followers) -> tuple[Group, ...]:
    """One row per fact, all of them short."""
    rows = tuple(
        on(fact, handlers.fan_out, within=SHORT, ahead=handlers.read_ahead) for fact in PUBLIC_FACTS.values()
    )
    jobs = (
        on(JobFollowed, followers.follow, within=SHORT),
        on(JobProgressed, followers.progress, within=SHORT),
    )
    return (Group("deliveries", (*rows, *jobs)),)
