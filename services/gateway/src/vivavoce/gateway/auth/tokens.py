"""Bearer tokens: signed by their issuer's keys, meant for this system, and valid now."""

from collections.abc import Iterable
from typing import Any

import jwt
from jwt import PyJWK

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import InvalidToken
from vivavoce.gateway.auth.claims import check_party, check_times, moment
from vivavoce.gateway.auth.issuers import Issuer
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.auth.unverified import UNREADABLE, claims_of, key_id_of
from vivavoce.gateway.auth.verified import VerifiedTokens

REQUIRED_CLAIMS = ("exp", "iss", "sub")


class TokenReader:
    """Turns a bearer token into the user that it was issued to.

    What the token says of itself chooses the issuer and the key; the key chooses the algorithm. Times
    go by the process's clock.
    """

    def __init__(
        self, issuers: Iterable[Issuer], clock: Clock, verified: VerifiedTokens, *, leeway: float
    ) -> None:
        self._issuers = {issuer.iss: issuer for issuer in issuers}
        self._clock = clock
        self._verified = verified
        self._leeway = leeway

    async def read(self, token: str) -> Principal:
        """The user of a token; raises InvalidToken and says what is wrong with it.

        Raises ProviderAway while it can't be checked because its issuer doesn't answer.
        """
        return self.verified(token) or await self._checked(token)

    def verified(self, token: str) -> Principal | None:
        """The user of a token that was read a moment ago and still holds; None of any other text."""
        return self._verified.find(token)

    def public_keys(self) -> list[dict[str, str]]:
        """The public keys of the issuer that is ours; none without it."""
        sets = (issuer.keys.current() for issuer in self._issuers.values() if issuer.published)
        return [key for keys in sets if keys is not None for key in keys.public()]

    async def _checked(self, token: str) -> Principal:
        if not self._issuers:
            raise InvalidToken("No bearer tokens are accepted here: set TOKEN_JWKS_FILE or CLERK_ISSUER.")
        key_id, issuer = key_id_of(token), self._issuer_of(claims_of(token))
        keys = await issuer.keys.with_key(key_id)
        key = keys.get(key_id) if keys is not None else None
        if keys is None or key is None:
            raise InvalidToken("The token is signed with a key that its issuer doesn't have.")
        claims = signed_claims(token, key, issuer)
        check_times(claims, self._clock.now(), self._leeway)
        check_party(claims, issuer.parties)
        principal = issuer.principal_of(claims)
        self._verified.add(token, principal, issuer.keys, keys, moment(claims, "exp"))
        return principal

    def _issuer_of(self, claims: dict[str, Any]) -> Issuer:
        named = claims.get("iss")
        issuer = self._issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            raise InvalidToken("The token's issuer (`iss`) is not one that is believed here.")
        return issuer


def signed_claims(token: str, key: PyJWK, issuer: Issuer) -> dict[str, Any]:
    """The claims, their signature and audience checked; raises InvalidToken."""
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=issuer.iss,
            audience=issuer.audience,
            options={
                "require": list(REQUIRED_CLAIMS),
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "enforce_minimum_key_length": True,
            },
        )
    except UNREADABLE as error:
        raise InvalidToken(f"The token is not valid: {error}.") from error
