"""For whom the work on accounts is done: somebody who has signed in, or nobody yet."""

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.http import request_ids
from vivavoce.contracts import NOBODY_KNOWN
from vivavoce.gateway.audit.actors import actor_of, network_of
from vivavoce.gateway.auth.principals import Principal


def context_for(organization_id: str, principal: Principal | None = None) -> Context:
    """The context of the request being served, in an organization; nobody acts before they have signed in."""
    ids = request_ids()
    if principal is None:
        actor = NOBODY_KNOWN.model_copy(update={"origin": network_of(ids.address)})
    else:
        actor = actor_of(principal, ids.address)
    return Context(organization_id, ids.correlation_id, traceparent=ids.traceparent, actor=actor)
