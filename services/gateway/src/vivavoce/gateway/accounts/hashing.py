"""Password hashes: Argon2id off the event loop, some at a time, as much work for one that isn't there."""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Callable
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from vivavoce.chassis.errors import Overloaded
from vivavoce.chassis.offload import in_thread
from vivavoce.gateway.accounts.passwords import normal_form
from vivavoce.gateway.accounts.settings import AccountSettings

RESULT = TypeVar("RESULT")
VERSION = 19
SALT_BYTES = 16
HASH_BYTES = 32
RETRY_SECONDS = 1.0

Verdict = tuple[bool, str | None]
"""Whether the password is right, and its hash anew when the parameters have changed since."""


class Passwords:
    """Hashes and verifies, `password_hashes_at_once` at a time; Overloaded when too many wait."""

    def __init__(self, settings: AccountSettings) -> None:
        self._hasher = PasswordHash(
            [
                Argon2Hasher(
                    time_cost=settings.password_passes,
                    memory_cost=settings.password_memory_kib,
                    parallelism=settings.password_lanes,
                    hash_len=HASH_BYTES,
                    salt_len=SALT_BYTES,
                )
            ]
        )
        self._nobodys = _hash_of_nothing(settings)
        self._slots = asyncio.Semaphore(settings.password_hashes_at_once)
        self._room = settings.password_hashes_at_once + settings.password_hashes_waiting

    async def hash(self, password: str) -> str:
        """The hash of a password, in the PHC form that names its parameters; raises Overloaded."""
        return await self._run(self._hasher.hash, normal_form(password))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Whether it is the password of a hash; as much work, and False, for no hash; raises Overloaded."""
        return await self._run(self._hasher.verify_and_update, normal_form(password), stored or self._nobodys)

    async def _run(self, function: Callable[..., RESULT], *args: object) -> RESULT:
        """A caller who goes away leaves a thread at work, whose slot is free only when it has ended."""
        if self._room == 0:
            raise Overloaded(
                "Too many people are signing in at this moment. Try again.", retry_after=RETRY_SECONDS
            )
        self._room -= 1
        return await asyncio.shield(asyncio.ensure_future(self._in_turn(function, *args)))

    async def _in_turn(self, function: Callable[..., RESULT], *args: object) -> RESULT:
        try:
            async with self._slots:
                return await in_thread(function, *args)
        finally:
            self._room += 1


def _hash_of_nothing(settings: AccountSettings) -> str:
    """A hash with these parameters that no password is known for."""
    memory, passes, lanes = settings.password_memory_kib, settings.password_passes, settings.password_lanes
    salt, digest = (_base64(secrets.token_bytes(size)) for size in (SALT_BYTES, HASH_BYTES))
    return f"$argon2id$v={VERSION}$m={memory},t={passes},p={lanes}${salt}${digest}"


def _base64(value: bytes) -> str:
    return b64encode(value).rstrip(b"=").decode()
