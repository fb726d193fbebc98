"""What the HTTP client's exceptions mean for a recording."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import aiohttp

from vivavoce.chassis.guard import ForbiddenAddress
from vivavoce.contracts import RejectionReason
from vivavoce.media.rejection import Interrupted, Rejected


@contextmanager
def translating(host: str, broken: Callable[[], Interrupted]) -> Iterator[None]:
    """Raise Rejected or Interrupted for whatever the client raises; `broken` says where a transfer ended."""
    try:
        yield
    except ForbiddenAddress as error:
        raise Rejected(RejectionReason.FORBIDDEN_ADDRESS, error.message) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _before_connecting(error, host) or _while_connected(error, host) or broken() from error


def _before_connecting(error: Exception, host: str) -> Rejected | None:
    if isinstance(error, aiohttp.InvalidURL):
        return Rejected(
            RejectionReason.FORBIDDEN_ADDRESS,
            f"{host} is neither a host name nor an ordinarily written address",
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        kind = Interrupted if error.os_error.errno == socket.EAI_AGAIN else Rejected
        return kind(
            RejectionReason.UNRESOLVABLE_HOST, f"the host name {host} can't be resolved; check its spelling"
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Rejected(
            RejectionReason.UNREACHABLE,
            f"the certificate of {host} isn't trusted; give an address with a valid one",
        )
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
        return Interrupted(
            RejectionReason.UNREACHABLE,
            f"{host} can't be reached; check that it is up and open to the internet",
        )
    return None


def _while_connected(error: Exception, host: str) -> Rejected | None:
    if isinstance(error, TimeoutError):
        return Interrupted(RejectionReason.DOWNLOAD_TIMEOUT, f"{host} stopped answering; use a faster server")
    if isinstance(error, aiohttp.ClientResponseError):
        return Interrupted(RejectionReason.SERVER_ERROR, f"{host} doesn't answer in valid HTTP")
    return None
