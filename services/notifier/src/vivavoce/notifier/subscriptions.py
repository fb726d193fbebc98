"""What the notifier listens to: every public fact of the contracts."""

from datetime import timedelta

from vivavoce.chassis.subscriptions import Group, on
from vivavoce.contracts import PUBLIC_FACTS
from vivavoce.notifier.handlers import Handlers

SHORT = timedelta(seconds=10)


def subscriptions(handlers: Handlers) -> tuple[Group, ...]:
    """One row per public fact, all of them short."""
    rows = tuple(on(fact, handlers.fan_out, within=SHORT) for fact in PUBLIC_FACTS.values())
    return (Group("deliveries", rows),)
