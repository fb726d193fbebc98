"""Downloads over HTTP: guarded at every hop, bounded in every direction, resumed where it broke."""

import asyncio
import hashlib
from pathlib import Path
from typing import BinaryIO

import aiohttp
from yarl import URL

from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.guard import AddressGuard, guarded_session
from vivavoce.contracts import RejectionReason
from vivavoce.media import fetching
from vivavoce.media.adapters.http_errors import translating
from vivavoce.media.fetching import Fetched, Pace
from vivavoce.media.limits import FetchLimits
from vivavoce.media.ports import OnProgress
from vivavoce.media.rejection import Interrupted, Rejected, TooSlow

BLOCK = 1024 * 1024


class HttpFetcher:
    """Fetches by HTTP GET, straight to disk. Nothing larger than about one MiB is in memory."""

    def __init__(self, limits: FetchLimits) -> None:
        self._limits = limits
        self._guard = AddressGuard(limits.allow_loopback_fetch, limits.allowed_fetch_networks)

    async def fetch(self, url: str, path: Path, on_progress: OnProgress) -> Fetched:
        """Write the content of an address to `path`; raises Rejected or Interrupted."""
        limits = self._limits
        source = fetching.target(url)
        try:
            async with (
                asyncio.timeout(limits.fetch_total_timeout),
                guarded_session(
                    self._guard,
                    connect_timeout=limits.fetch_connect_timeout,
                    idle_timeout=limits.fetch_idle_timeout,
                    total=None,
                ) as session,
            ):
                with path.open("wb") as file:
                    return await _Download(session, limits, source, _Sink(file), on_progress).complete()
        except TimeoutError as error:
            raise Interrupted(
                RejectionReason.DOWNLOAD_TIMEOUT,
                f"{source.host} didn't deliver the file within {limits.fetch_total_timeout:g} s; "
                "use a faster server or a smaller file",
            ) from error
        except OSError as error:
            raise InfrastructureAway(f"the working folder can't take the file: {error.strerror}") from error


class _Sink:
    """The file being written, with the digest of what is in it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, block: bytes) -> None:
        self._file.write(block)
        self._digest.update(block)
        self.size += len(block)

    def restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.sha256()
        self.size = 0

    def finish(self) -> Fetched:
        self._file.flush()
        return Fetched(self.size, self._digest.hexdigest())


class _Download:
    """One address on its way to one file, over as many connections as it takes."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        limits: FetchLimits,
        source: URL,
        sink: _Sink,
        on_progress: OnProgress,
    ) -> None:
        self._session = session
        self._limits = limits
        self._source = source
        self._host = source.host or ""
        self._sink = sink
        self._on_progress = on_progress
        self._proof: str | None = None
        self._expected: int | None = None

    async def complete(self) -> Fetched:
        """Visit until the file is whole; raises when a visit fails before anything has come."""
        for resume in range(self._limits.fetch_resumes + 1):
            try:
                await self._visit()
                break
            except TooSlow:
                raise
            except Interrupted:
                if self._sink.size == 0 or resume == self._limits.fetch_resumes:
                    raise
                await asyncio.sleep(self._limits.fetch_resume_delay * 2**resume)
        if self._sink.size == 0:
            raise Rejected(RejectionReason.EMPTY_FILE, f"{self._host} sent an empty file; upload it again")
        return await asyncio.to_thread(self._sink.finish)

    async def _visit(self) -> None:
        headers = fetching.resume_headers(self._sink.size, self._proof)
        with translating(self._host, self._broken):
            async with await self._open(headers) as response:
                self._begin(response, resuming=bool(headers))
                await self._read(response)

    async def _open(self, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """Follow redirects to an answer with a body; every hop is checked as it is connected to."""
        url = self._source
        for _ in range(self._limits.fetch_max_redirects + 1):
            async with asyncio.timeout(self._limits.fetch_pace_window):
                response = await self._session.get(
                    url, headers={"Accept-Encoding": "identity", **headers}, allow_redirects=False
                )
            if response.status not in fetching.REDIRECTS:
                return self._accepted(response)
            response.close()
            url = fetching.redirected(url, response.headers.get("Location"))
        raise Rejected(
            RejectionReason.TOO_MANY_REDIRECTS,
            f"{self._host} redirects more than {self._limits.fetch_max_redirects} times; "
            "give the address that it ends at",
        )

    def _accepted(self, response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
        if response.status == 416 and self._sink.size:
            self._proof = None
            response.close()
            raise self._broken()
        refused = fetching.refusal(response.status, response.url.host or self._host)
        if refused is not None:
            response.close()
            raise refused
        return response

    def _begin(self, response: aiohttp.ClientResponse, *, resuming: bool) -> None:
        """Go on where the transfer broke, or start over when the server sends all of it."""
        partial = response.status == 206
        if partial and not resuming:
            raise Interrupted(
                RejectionReason.SERVER_ERROR,
                f"{self._host} sends a part of the file though all was asked for",
            )
        if partial and fetching.continues(response.headers, self._sink.size, self._expected):
            return
        if partial:
            self._proof = None
            raise self._broken()
        self._sink.restart()
        encoded = "Content-Encoding" in response.headers
        self._expected = None if encoded else response.content_length
        self._proof = None if encoded else fetching.validator(response.headers)
        self._check_size(self._expected or 0)

    async def _read(self, response: aiohttp.ClientResponse) -> None:
        block = bytearray()
        clock = asyncio.get_running_loop().time
        pace = Pace(self._limits, clock())
        try:
            async for chunk in response.content.iter_any():
                block += chunk
                if pace.lags(len(chunk), clock()):
                    raise self._too_slow()
                self._check_size(self._sink.size + len(block))
                if len(block) >= BLOCK:
                    await self._flush(block)
        finally:
            await self._flush(block)
        if self._expected is not None and self._sink.size < self._expected:
            raise self._broken()

    async def _flush(self, block: bytearray) -> None:
        await asyncio.to_thread(self._sink.write, bytes(block))
        block.clear()
        if self._expected:
            self._on_progress(min(self._sink.size / self._expected, 1.0))

    def _check_size(self, size: int) -> None:
        if size > self._limits.fetch_max_bytes:
            raise Rejected(
                RejectionReason.DOWNLOAD_TOO_LARGE,
                f"the file at {self._host} is larger than {self._limits.fetch_max_bytes} bytes; "
                "compress it or split it",
            )

    def _too_slow(self) -> TooSlow:
        return TooSlow(
            RejectionReason.DOWNLOAD_TIMEOUT,
            f"{self._host} sends less than {self._limits.fetch_minimum_rate:g} bytes per second; "
            "use a faster server",
        )

    def _broken(self) -> Interrupted:
        if self._sink.size == 0:
            return Interrupted(
                RejectionReason.UNREACHABLE, f"{self._host} ended the connection before sending anything"
            )
        return Interrupted(
            RejectionReason.TRUNCATED,
            f"{self._host} ended the transfer after {self._sink.size} bytes"
            + (f" of {self._expected}" if self._expected else "")
            + "; check that the file there is complete",
        )
