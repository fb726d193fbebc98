"""What an API key may be given: permissions, and wildcards over them."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from vivavoce.chassis.errors import Forbidden
from vivavoce.gateway.auth.principals import EVERYTHING, Permission, Principal

AREAS = tuple(dict.fromkeys(f"{permission.partition(':')[0]}:*" for permission in Permission))
SCOPES = (*map(str, Permission), *AREAS, EVERYTHING)
DEFAULT_SCOPES = (Permission.SUBMIT, Permission.READ, Permission.WEBHOOKS)


def scope(value: str) -> str:
    """The scope itself; raises when there is none of this name."""
    if value not in SCOPES:
        raise PydanticCustomError("scope", "must be one of {scopes}", {"scopes": ", ".join(SCOPES)})
    return value


Scope = Annotated[str, Field(json_schema_extra={"enum": list(SCOPES)}), AfterValidator(scope)]


def check_given(principal: Principal, scopes: tuple[str, ...]) -> None:
    """Return if the principal has what they give away; raises Forbidden."""
    beyond = [scope for scope in scopes if not principal.allows(scope)]
    if beyond:
        raise Forbidden(f"You can't give away what you may not do yourself: {', '.join(beyond)}.")
