"""Issuers' public keys, as tokens are checked with them: of one key set, or of a file that may change."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import jwt
from jwt import PyJWK, PyJWKSet

from vivavoce.chassis.log import get_logger

ALGORITHMS = ("RS256", "ES256")
ASYMMETRIC = ("RSA", "EC")
SIGNING = (None, "sig")
PUBLIC_MEMBERS = frozenset({"kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"})
UNUSABLE = (OSError, ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError)

log = get_logger(__name__)


class FixedKeys:
    """The keys of one JSON Web Key Set that sign by an accepted, asymmetric algorithm.

    Raises one of `UNUSABLE` when it is no key set.
    """

    def __init__(self, jwks: Mapping[str, Any], algorithms: Sequence[str] = ALGORITHMS) -> None:
        keys = [] if jwks.get("keys") == [] else PyJWKSet.from_dict(dict(jwks)).keys
        usable = [key for key in keys if key.public_key_use in SIGNING]
        self._keys = [key for key in usable if key.algorithm_name in algorithms]
        self._public = [
            {name: value for name, value in key.items() if name in PUBLIC_MEMBERS}
            for key in jwks["keys"]
            if key.get("kty") in ASYMMETRIC
        ]

    def __len__(self) -> int:
        """How many keys are usable."""
        return len(self._keys)

    def public(self) -> list[dict[str, str]]:
        """The keys as a JSON Web Key Set lists them, without anything secret."""
        return self._public

    def get(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without an id the only key there is; or None."""
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.key_id == key_id), None)


class Keys(Protocol):
    """Where an issuer's public keys come from."""

    def current(self) -> FixedKeys | None:
        """The key set that is believed now, the same object until it changes; None without any."""
        ...

    async def with_key(self, key_id: str | None) -> FixedKeys | None:
        """The key set after looking for a key with this id; raises ProviderAway if it can't be told."""
        ...


class FileKeys:
    """The keys of a JSON Web Key Set in a file, read again when the file has changed.

    While it can't be read, the keys that were read last still hold.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: FixedKeys | None = None
        self._version: tuple[int, int, int] | None = None

    def current(self) -> FixedKeys | None:
        """The keys that the file has, or had when it could be read last."""
        try:
            self._read_if_changed()
        except UNUSABLE as error:
            log.warning("token_keys_unreadable", path=str(self._path), error=str(error))
        return self._keys

    async def with_key(self, _: str | None) -> FixedKeys | None:
        """The same: the file is looked at each time."""
        return self.current()

    def _read_if_changed(self) -> None:
        found = self._path.stat()
        version = (found.st_ino, found.st_mtime_ns, found.st_size)
        if version != self._version:
            self._keys = FixedKeys(json.loads(self._path.read_text(encoding="utf-8")))
            self._version = version
