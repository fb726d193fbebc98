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

log = get_logger(__name__)


class Keys(Protocol):
    """Where the issuer's public keys come from."""

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        ...


class FixedKeys:
    """The keys of one JSON Web Key Set that are of an accepted, asymmetric algorithm."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        keys = PyJWKSet.from_dict(dict(jwks)).keys
        self._keys = [key for key in keys if key.algorithm_name in ALGORITHMS]

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.key_id == key_id), None)


class FileKeys:
    """The keys of a JSON Web Key Set in a file, read again when the file has changed.

    While it can't be read, the keys that were read last still hold.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: FixedKeys | None = None
        self._version: tuple[int, int, int] | None = None

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        try:
            self._read_if_changed()
        except (OSError, ValueError, jwt.PyJWKError, jwt.PyJWKSetError) as error:
            log.warning("token_keys_unreadable", path=str(self._path), error=str(error))
        return self._keys.get(key_id) if self._keys else None

    def _read_if_changed(self) -> None:
        found = self._path.stat()
        version = (found.st_ino, found.st_mtime_ns, found.st_size)
        if version != self._version:
            self._keys = FixedKeys(json.loads(self._path.read_text(encoding="utf-8")))
            self._version = version


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
