"""The object store that services share: large things lie here, and travel as claim checks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import CircuitOpen, CorruptObject, InfrastructureAway, InvalidInput, NotFound
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.contracts import ClaimCheck

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

STORE = "store"
CHUNK = 4 * 1024 * 1024
RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
CLIENT: "ClientConfig" = {
    "allow_http": True,
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),
    "timeout": timedelta(minutes=5),
}


def open_store(settings: ServiceSettings, clock: Clock) -> "ObjectStore":
    """The store that the settings name; raises as `make_store` does."""
    breaker = None
    if urlsplit(settings.store_url).scheme == "s3":
        failures, rest = settings.store_breaker_failures, settings.store_breaker_rest_seconds
        breaker = Breaker(STORE, clock, failures=failures, rest_seconds=rest)
    return make_store(settings.store_url, breaker)


def make_store(url: str, breaker: Breaker | None = None) -> "ObjectStore":
    """The store at `file:///folder` (made when absent), `s3://bucket/prefix` or `memory:///`.

    The breaker is for the one that is elsewhere.

    S3 credentials, region and endpoint come from the standard `AWS_*` variables. Raises
    InvalidInput for any other address.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            return ObjectStore(LocalStore(Path(url2pathname(parts.path)), mkdir=True))
        if parts.scheme == "memory":
            return ObjectStore(MemoryStore())
        if parts.scheme == "s3":
            found = S3Store.from_url(url, client_options=CLIENT, retry_config=RETRY)
            return ObjectStore(found, breaker)
    except (BaseError, OSError) as error:
        raise InvalidInput(
            f"the object store {parts.scheme}: can't be opened: {_first_line(error)}"
        ) from error
    raise InvalidInput("STORE_URL must begin with file://, s3:// or memory://")


class ObjectStore:
    """Objects by key. A key is relative to the store, with `/` between its parts.

    Every method raises InfrastructureAway when the store doesn't answer.
    """

    def __init__(self, store: LocalStore | MemoryStore | S3Store, breaker: Breaker | None = None) -> None:
        self._store = store
        self._breaker = breaker

    @property
    def breakers(self) -> tuple[Breaker, ...]:
        """The store's breaker, where it has one."""
        return () if self._breaker is None else (self._breaker,)

    async def put(self, key: str, data: bytes, media_type: str) -> ClaimCheck:
        """Store the bytes under the key, all or nothing, over what was there."""
        digest = await asyncio.to_thread(_sha256, data)
        async with self._asking(key):
            await obstore.put_async(self._store, key, data)
        return ClaimCheck(key=key, size=len(data), sha256=digest, media_type=media_type)

    async def put_file(self, key: str, path: Path, media_type: str) -> ClaimCheck:
        """Store a file's content under the key, in parts: it is never in memory as a whole."""
        digest = await asyncio.to_thread(_sha256_of_file, path)
        async with self._asking(key):
            await obstore.put_async(self._store, key, path)
        size = (await asyncio.to_thread(path.stat)).st_size
        return ClaimCheck(key=key, size=size, sha256=digest, media_type=media_type)

    async def get(self, claim: ClaimCheck) -> bytes:
        """The bytes of a claim check; raises NotFound, or CorruptObject when they aren't those."""
        async with self._asking(claim.key):
            found = await obstore.get_async(self._store, claim.key)
            fits = found.meta["size"] == claim.size
            data = bytes(await found.bytes_async()) if fits else b""
        if not fits or await asyncio.to_thread(_sha256, data) != claim.sha256:
            raise _corrupt(claim)
        return data

    async def download(self, claim: ClaimCheck, path: Path) -> None:
        """Write the bytes of a claim check to a file, in parts; raises as `get` does."""
        async with self._asking(claim.key):
            await asyncio.to_thread(self._download, claim, path)

    async def exists(self, key: str) -> bool:
        """Whether there is an object under the key."""
        try:
            async with self._asking(key):
                await obstore.head_async(self._store, key)
        except NotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove the object; nothing happens when there is none."""
        with suppress(NotFound):
            async with self._asking(key):
                await obstore.delete_async(self._store, key)

    async def ping(self) -> None:
        """Return if the store answers."""
        await self.exists("ping")
        if isinstance(self._store, LocalStore) and self._store.prefix is not None:
            folder = Path(self._store.prefix)
            if not await asyncio.to_thread(folder.is_dir):
                raise InfrastructureAway("the folder of the object store has gone")

    @asynccontextmanager
    async def _asking(self, key: str) -> AsyncIterator[None]:
        if self._breaker is None:
            with _translating(key):
                yield
            return
        try:
            async with self._breaker.guard():
                with _translating(key):
                    yield
        except CircuitOpen as error:
            raise InfrastructureAway(error.message, retry_after=error.retry_after) from error

    def _download(self, claim: ClaimCheck, path: Path) -> None:
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            for chunk in obstore.get(self._store, claim.key).stream(min_chunk_size=CHUNK):
                size += len(chunk)
                if size > claim.size:
                    break
                digest.update(chunk)
                file.write(chunk)
        if size != claim.size or digest.hexdigest() != claim.sha256:
            raise _corrupt(claim)


@contextmanager
def _translating(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"the object store has no {key}") from error
    except ValueError as error:
        raise InvalidInput(f"{key} can't be a key of the object store") from error
    except (BaseError, OSError) as error:
        raise InfrastructureAway(f"the object store failed at {key}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _corrupt(claim: ClaimCheck) -> CorruptObject:
    return CorruptObject(
        f"the object {claim.key} is not the {claim.size} bytes that its claim check describes; "
        "restore it or submit the recording again"
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
