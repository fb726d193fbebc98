"""Asking an issuer for its key set over HTTP, trusting neither its speed nor its size."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from vivavoce.chassis.errors import ProviderFault

MOST_BYTES = 256 * 1024
OK = 200
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}

Fetch = Callable[[], Awaitable[dict[str, Any]]]
"""Returns an issuer's JSON Web Key Set as it answered it; raises ProviderFault."""


def fetch_from(url: str, timeout_seconds: float) -> Fetch:
    """A fetch of one address: no redirects, no compression, at most `MOST_BYTES`."""

    async def fetch() -> dict[str, Any]:
        try:
            found = json.loads(await _body(url, timeout_seconds))
        except (ClientError, TimeoutError, OSError) as error:
            raise ProviderFault(f"The key set at {url} can't be read: {type(error).__name__}.") from error
        except (ValueError, RecursionError) as error:
            raise ProviderFault(f"What is at {url} is not JSON.") from error
        if not (isinstance(found, dict) and isinstance(found.get("keys"), list)):
            raise ProviderFault(f"What is at {url} is no JSON Web Key Set.")
        return found

    return fetch


async def _body(url: str, timeout_seconds: float) -> bytes:
    timeout = ClientTimeout(total=timeout_seconds)
    async with (
        ClientSession(timeout=timeout, headers=HEADERS, auto_decompress=False) as session,
        session.get(url, allow_redirects=False) as response,
    ):
        if response.status != OK:
            raise ProviderFault(f"The key set at {url} was answered with {response.status}.")
        body = bytearray()
        async for chunk in response.content.iter_chunked(MOST_BYTES):
            body += chunk
            if len(body) > MOST_BYTES:
                raise ProviderFault(f"The key set at {url} is larger than {MOST_BYTES} bytes.")
        return bytes(body)
