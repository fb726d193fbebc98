"""Bearer tokens: signed by the issuer's keys, for this audience, and still valid."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import jwt
from jwt import PyJWK, PyJWKSet

from vivavoce.chassis.errors import Unauthenticated
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.auth.principals import Principal, Role, user

ALGORITHMS = ("RS256", "ES256")
REQUIRED_CLAIMS = ("exp", "iss", "aud", "sub")
ASYMMETRIC = ("RSA", "EC")
PUBLIC_MEMBERS = frozenset({"kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"})

log = get_logger(__name__)


class Keys(Protocol):
    """Where the issuer's public keys come from."""

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        ...

    def public(self) -> list[dict[str, str]]:
        """The keys as a JSON Web Key Set lists them, without anything secret."""
        ...


class FixedKeys:
    """The keys of one JSON Web Key Set that are of an accepted, asymmetric algorithm."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        keys = [] if jwks.get("keys") == [] else PyJWKSet.from_dict(dict(jwks)).keys
        self._keys = [key for key in keys if key.algorithm_name in ALGORITHMS]
        self._public = [
            {name: value for name, value in key.items() if name in PUBLIC_MEMBERS}
            for key in jwks["keys"]
            if key.get("kty") in ASYMMETRIC
        ]

    def public(self) -> list[dict[str, str]]:
        """The keys as a JSON Web Key Set lists them, without anything secret."""
        return self._public

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.key_id == key_id), None)


class FileKeys:
    """The keys of a JSON Web Key Set in a file, read again whenever that changes.

    So a key that is taken out of the file is trusted no longer. While the file can't be read, as in
    the middle of being written, the keys that were read last stand.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = FixedKeys({"keys": []})
        self._version: tuple[int, ...] | None = None

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        return self._current().get(key_id)

    def public(self) -> list[dict[str, str]]:
        """The keys as a JSON Web Key Set lists them, without anything secret."""
        return self._current().public()

    def _current(self) -> FixedKeys:
        version = self._version_of_file()
        if version != self._version:
            self._version = version
            self._read()
        return self._keys

    def _version_of_file(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def _read(self) -> None:
        try:
            self._keys = FixedKeys(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, jwt.PyJWKError, jwt.PyJWKSetError) as error:
            log.warning("token_keys_unreadable", path=str(self._path), error=str(error))


class TokenReader:
    """Turns a bearer token into the user that it was issued to."""

    def __init__(self, keys: Keys | None, *, issuer: str, audience: str, leeway: float) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway

    def read(self, token: str) -> Principal:
        """The user of a token; raises Unauthenticated and says what is wrong with it."""
        if self._keys is None:
            raise Unauthenticated("Bearer tokens are not accepted here: TOKEN_JWKS_FILE is not set.")
        return _principal_of(self._verified(token, self._keys))

    def public_keys(self) -> list[dict[str, str]]:
        """The public keys that tokens are checked with; none where no tokens are accepted."""
        return self._keys.public() if self._keys else []

    def _verified(self, token: str, keys: Keys) -> dict[str, Any]:
        try:
            key = keys.get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise Unauthenticated("The token is signed with a key that is not known here.")
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway,
                options={"require": list(REQUIRED_CLAIMS)},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(f"The token is not valid: {error}.") from error


def _principal_of(claims: Mapping[str, Any]) -> Principal:
    subject, organization, role = claims["sub"], claims.get("org"), claims.get("role")
    if not (isinstance(subject, str) and subject and isinstance(organization, str) and organization):
        raise Unauthenticated("The token names no user (`sub`) or no organization (`org`).")
    if not (isinstance(role, str) and role in set(Role)):
        raise Unauthenticated(f"The token's `role` must be one of {', '.join(Role)}.")
    return user(subject, organization, Role(role))
