"""Admits callers, or refuses them: by address before anyone is authenticated, then by principal."""

from contextvars import ContextVar

from starlette.requests import HTTPConnection

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.counters import Counters
from vivavoce.chassis.errors import RateLimited
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.limits.ledger import Ledger
from vivavoce.gateway.limits.metrics import DECISIONS
from vivavoce.gateway.limits.rules import Rule, Tier, address_tiers_of, rules_of, tier_of
from vivavoce.gateway.limits.settings import LimitSettings

APPLIED: ContextVar[dict[str, str] | None] = ContextVar("applied_limits", default=None)
"""The limits that hold for the request being served: items of RateLimit-Policy, with those of RateLimit."""


class Limits:
    """The limits of this deployment. Every method raises RateLimited when one is used up."""

    def __init__(self, counters: Counters, clock: Clock, settings: LimitSettings) -> None:
        self._ledger = Ledger(counters, clock)
        self._rules = rules_of(settings)
        self._outcomes = {
            admitted: {tier: DECISIONS.labels(tier, outcome) for tier in Tier}
            for admitted, outcome in ((True, "admitted"), (False, "refused"))
        }

    async def admit_address(self, address: str, path: str) -> None:
        """Count a request for where it comes from."""
        for tier in address_tiers_of(path):
            await self._take(tier, address, 1)

    async def admit(self, request: HTTPConnection, principal: Principal) -> None:
        """Count a request for who sends it; what costs more than one is charged by `spend`."""
        await self.spend(principal, tier_of(request.scope["path"]), 1)

    async def spend(self, principal: Principal, tier: str, points: int) -> None:
        """Count so many points of a tier, such as the complexity of a GraphQL operation."""
        await self._take(Tier(tier), f"{principal.organization_id}/{principal.id}", points)

    async def _take(self, tier: Tier, caller: str, cost: int) -> None:
        rule = self._rules[tier]
        admitted, left, wait = await self._ledger.take(rule, caller, cost)
        self._outcomes[admitted][tier].inc()
        applied = APPLIED.get()
        if applied is not None:
            applied[rule.policy] = f'"{tier}";r={left};t={wait}'
        if not admitted:
            raise _refusal(rule, cost, wait)


def _refusal(rule: Rule, cost: int, wait: int) -> RateLimited:
    details = {"tier": rule.tier.value, "limit": rule.limit, "seconds": rule.seconds}
    if cost > rule.limit:
        message = (
            f"This costs {cost} points, more than the {rule.limit} that are allowed at once: ask for less."
        )
        return RateLimited(message, details=details, retry_after=wait)
    told = f"The limit {rule.tier} of {rule.limit} in {rule.seconds} seconds is used up"
    return RateLimited(f"{told}: try again in {wait} seconds.", details=details, retry_after=wait)
