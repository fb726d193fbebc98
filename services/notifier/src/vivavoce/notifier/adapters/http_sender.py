"""Sends webhooks over HTTP: guarded addresses, no redirects, bounded time and response."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.guard import AddressGuard, guarded_session
from vivavoce.chassis.retry_after import seconds_until
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.ports import Request
from vivavoce.notifier.settings import NotifierSettings

GLANCE_SECONDS = 2.0
LARGEST_SKEW = 60.0
OWN_HEADERS = {
    "content-type": "application/json",
    "user-agent": "Vivavoce-Webhooks/1",
    "accept-encoding": "identity",
}


class HttpSender:
    """Makes requests to endpoints; the address is checked when the connection is made."""

    def __init__(self, settings: NotifierSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._guard = AddressGuard(allow_loopback=settings.allow_loopback_webhooks)
        self._session: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        """Close the connections that are kept for further requests."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: Request) -> Outcome:
        """One request, bounded as a whole; only 2xx is success, and a redirect is not followed."""
        at, started = self._clock.now(), time.monotonic()
        try:
            outcome = await self._answered(request, at)
        except TimeoutError:
            outcome = _failed(at, "the endpoint did not answer in time")
        except VivaError as error:
            outcome = _failed(at, error.message)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            outcome = _failed(at, _in_words(error))
        return outcome.model_copy(update={"duration": time.monotonic() - started})

    async def _answered(self, request: Request, at: datetime) -> Outcome:
        total = request.within or self._settings.webhook_timeout
        async with self._opened().request(
            request.method,
            request.url,
            data=request.body.encode() or None,
            headers={**OWN_HEADERS, **request.headers},
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=total, sock_connect=self._settings.webhook_connect_timeout, sock_read=total
            ),
        ) as response:
            kept, cut = await _beginning(response, self._settings.webhook_response_kept)
            return Outcome(
                at=at,
                status=response.status,
                error=_refusal(response.status, response.headers, self._clock.now()),
                duration=0.0,
                retry_after=seconds_until(response.headers.get("Retry-After"), self._clock.now()),
                response_headers=_joined(response.headers),
                response_body=kept.decode(errors="replace"),
                response_cut=cut,
            )

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = guarded_session(
                self._guard,
                connect_timeout=self._settings.webhook_connect_timeout,
                idle_timeout=self._settings.webhook_timeout,
                total=self._settings.webhook_timeout,
            )
        return self._session


async def _beginning(response: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
    """The first bytes of the answer, and whether more came; the status stands without them."""
    kept = b""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(GLANCE_SECONDS):
            while len(kept) <= most:
                chunk = await response.content.read(most + 1 - len(kept))
                if not chunk:
                    break
                kept += chunk
    return kept[:most], len(kept) > most


def _refusal(status: int, headers: Mapping[str, str], now: datetime) -> str | None:
    """Why an answer is no success, with a hint where the receiver's clock may be the reason."""
    if 200 <= status < 300:
        return None
    return f"the endpoint answered {status}{_of_redirect(status, headers)}{_of_clock(headers, now)}"


def _of_redirect(status: int, headers: Mapping[str, str]) -> str:
    if not 300 <= status < 400:
        return ""
    return ", a redirect, which is never followed; register the address that it leads to"


def _of_clock(headers: Mapping[str, str], now: datetime) -> str:
    try:
        moment = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return ""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    skew = (aware - now).total_seconds()
    if abs(skew) <= LARGEST_SKEW:
        return ""
    side = "ahead of" if skew > 0 else "behind"
    return f"; its clock is {abs(skew):.0f} s {side} ours, so it may take our signatures for expired"


def _joined(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _failed(at: datetime, error: str) -> Outcome:
    return Outcome(at=at, error=error, duration=0.0)


def _in_words(error: Exception) -> str:
    cause = error.__cause__ or error
    return cause.message if isinstance(cause, VivaError) else f"{type(error).__name__}: {error}"[:200]
