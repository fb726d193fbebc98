"""Sends webhooks over HTTP: guarded addresses, no redirects, bounded time and response."""

import asyncio
import time
from contextlib import suppress

import aiohttp

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.guard import AddressGuard, guarded_session
from vivavoce.chassis.retry_after import seconds_until
from vivavoce.notifier.deliveries import Attempt
from vivavoce.notifier.settings import NotifierSettings

MOST_RESPONSE_BYTES = 16_384
GLANCE_SECONDS = 2.0
USER_AGENT = "Vivavoce-Webhooks/1"


class HttpSender:
    """Posts JSON to endpoints; the address is checked when the connection is made."""

    def __init__(self, settings: NotifierSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._guard = AddressGuard(allow_loopback=settings.allow_loopback_webhooks)
        self._session: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        """Close the connections that are kept for further attempts."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, url: str, body: str, headers: dict[str, str]) -> Attempt:
        """One POST; only the status and a glance at the answer count."""
        at, started = self._clock.now(), time.monotonic()
        status, error, wish = await self._post(url, body, headers)
        return Attempt(
            at=at, status=status, error=error, duration=time.monotonic() - started, retry_after=wish
        )

    async def _post(
        self, url: str, body: str, headers: dict[str, str]
    ) -> tuple[int | None, str | None, float | None]:
        sent = {"content-type": "application/json", "user-agent": USER_AGENT, **headers}
        try:
            async with self._opened().post(
                url, data=body.encode(), headers=sent, allow_redirects=False
            ) as response:
                await _glance(response)
                refused = None if response.status < 300 else f"the endpoint answered {response.status}"
                wish = seconds_until(response.headers.get("Retry-After"), self._clock.now())
                return response.status, refused, wish
        except TimeoutError:
            return None, "the endpoint did not answer in time", None
        except VivaError as error:
            return None, error.message, None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, _in_words(error), None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = guarded_session(
                self._guard,
                connect_timeout=self._settings.webhook_connect_timeout,
                idle_timeout=self._settings.webhook_timeout,
                total=self._settings.webhook_timeout,
            )
        return self._session


async def _glance(response: aiohttp.ClientResponse) -> None:
    """Read a short body, so that the connection can be used again; the status stands without it."""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(GLANCE_SECONDS):
            await response.content.read(MOST_RESPONSE_BYTES)


def _in_words(error: Exception) -> str:
    cause = error.__cause__ or error
    return cause.message if isinstance(cause, VivaError) else f"{type(error).__name__}: {error}"[:200]
