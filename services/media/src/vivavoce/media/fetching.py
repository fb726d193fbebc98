"""The rules of fetching over HTTP: which addresses, which answers, when to go on and when to stop."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from vivavoce.contracts import RejectionReason
from vivavoce.media.limits import FetchLimits, RetryLimits
from vivavoce.media.rejection import Interrupted, Rejected

SCHEMES = ("http", "https")
REDIRECTS = (301, 302, 303, 307, 308)
DENIED = (401, 402, 403, 407, 451)
ABSENT = (404, 410)
TRANSIENT = (408, 425, 429)
FIRST_SERVER_ERROR = 500
PRINTABLE = re.compile(r"[!-~]*")
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")


@dataclass(frozen=True)
class Fetched:
    """A complete file: its size in bytes and the SHA-256 of its content in hexadecimal."""

    size: int
    sha256: str


def target(url: str) -> URL:
    """The address to fetch, without a fragment; raises Rejected unless it is HTTP or HTTPS."""
    try:
        parsed = _literally(url).with_fragment(None)
    except (ValueError, TypeError) as error:
        raise Rejected(
            RejectionReason.UNSUPPORTED_SCHEME, "the address can't be read; give a complete https:// address"
        ) from error
    if parsed.scheme not in SCHEMES or not parsed.host:
        raise Rejected(
            RejectionReason.UNSUPPORTED_SCHEME,
            f"{parsed.scheme or 'an address without a scheme'} can't be fetched; give an http:// or "
            "https:// address that answers a GET",
        )
    return parsed


def redirected(source: URL, location: str | None) -> URL:
    """Where a redirect leads; raises Rejected when it leads nowhere that may be fetched."""
    if not location:
        raise Rejected(
            RejectionReason.SERVER_ERROR, f"{source.host} redirects without saying where; repair the address"
        )
    try:
        return target(str(source.join(_literally(location))))
    except ValueError as error:
        raise Rejected(
            RejectionReason.SERVER_ERROR, f"{source.host} redirects to an address that can't be read"
        ) from error


def _literally(address: str) -> URL:
    """The address as it is written: a signature is over its very characters, `%2F` or `/`.

    Only one with characters that no request line may hold is quoted first.
    """
    return URL(address, encoded=PRINTABLE.fullmatch(address) is not None)


def refusal(status: int, host: str) -> Rejected | None:
    """The error that a final status stands for, or None when a body follows."""
    if status in (200, 206):
        return None
    if status in ABSENT:
        return Rejected(
            RejectionReason.NOT_FOUND, f"{host} has no such file (HTTP {status}); check the address"
        )
    if status in DENIED:
        return Rejected(
            RejectionReason.ACCESS_DENIED,
            f"{host} refuses access (HTTP {status}); give an address that needs no login, "
            "and check whether a signed one has expired",
        )
    detail = f"{host} answered HTTP {status} instead of the file; check that a GET downloads it"
    if status >= FIRST_SERVER_ERROR or status in TRANSIENT:
        return Interrupted(RejectionReason.SERVER_ERROR, detail)
    if status in (204, 205):
        return Rejected(RejectionReason.EMPTY_FILE, f"{host} answered without content (HTTP {status})")
    return Rejected(RejectionReason.SERVER_ERROR, detail)


def validator(headers: Mapping[str, str]) -> str | None:
    """What proves that a later part belongs to the same content: a strong ETag, or its date."""
    tag = headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    return headers.get("Last-Modified")


def resume_headers(received: int, proof: str | None) -> dict[str, str]:
    """The headers that ask for the rest, or none when there is nothing to go on from."""
    if received == 0 or proof is None:
        return {}
    return {"Range": f"bytes={received}-", "If-Range": proof}


def continues(headers: Mapping[str, str], received: int, expected: int | None) -> bool:
    """Whether a partial answer starts where the transfer broke, in content of the same size."""
    match = CONTENT_RANGE.match(headers.get("Content-Range", ""))
    if match is None or int(match[1]) != received:
        return False
    return expected is None or match[3] in ("*", str(expected))


def retry_delay(limits: RetryLimits, attempts: int, waited: float) -> float | None:
    """Seconds until the next try after `attempts` tries, or None when it is time to give up.

    `waited` is the seconds since the request.
    """
    if attempts >= limits.fetch_tries:
        return None
    delay = min(limits.fetch_first_delay * 2.0 ** (attempts - 1), limits.fetch_longest_delay)
    return delay if waited + delay <= limits.fetch_patience else None


class Pace:
    """Whether a transfer keeps up a minimum pace, judged at the end of each window of time.

    Times are seconds on any clock that only moves forward.
    """

    def __init__(self, limits: FetchLimits, now: float) -> None:
        self._window = limits.fetch_pace_window
        self._enough = limits.fetch_minimum_rate * limits.fetch_pace_window
        self._since = now
        self._received = 0

    def lags(self, size: int, now: float) -> bool:
        """Count bytes that have come; True when the window that they end was too slow."""
        self._received += size
        if now - self._since < self._window:
            return False
        too_slow = self._received < self._enough
        self._since, self._received = now, 0
        return too_slow
