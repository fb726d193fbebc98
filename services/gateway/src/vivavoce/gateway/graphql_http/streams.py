"""The GraphQL streams that are open on this instance: how many there may be, and when each has to end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from vivavoce.chassis.errors import Forbidden, Unauthenticated, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.graphql_http.metrics import STREAMS, STREAMS_ENDED
from vivavoce.gateway.graphql_http.refusals import Stopping, TooManyStreams
from vivavoce.gateway.graphql_http.settings import GraphqlHttpSettings

RETRY_AFTER_SECONDS = 30.0

Transport = Literal["sse", "websocket"]
Ended = asyncio.Future[VivaError]
"""Why a stream has to end, once it has to."""

log = get_logger(__name__)


@dataclass(frozen=True, eq=False)
class Stream:
    """One open stream: whose it is, who would know whether it may go on, and how it is told that it may not.

    Streams of the same `credentials` are looked at together.
    """

    principal: Principal
    transport: Transport
    credentials: object
    recognize: Callable[[], Awaitable[Principal]]
    ended: Ended

    def end(self, error: VivaError) -> None:
        """Have the stream end, if it isn't about to."""
        if not self.ended.done():
            STREAMS_ENDED.labels(error.code).inc()
            self.ended.set_result(error)


class Streams:
    """Counts open streams, and looks whether their credentials still hold: every few seconds, and when told.

    One task does that while there are any, whatever their number: a quiet stream costs no wake-ups.
    """

    def __init__(self, *, per_principal: int, per_organization: int, recheck: float) -> None:
        self._per_principal = per_principal
        self._per_organization = per_organization
        self._recheck = recheck
        self._open: set[Stream] = set()
        self._of_principals: Counter[tuple[str, str]] = Counter()
        self._of_organizations: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._look = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._stopping = False

    def __len__(self) -> int:
        return len(self._open)

    def check(self, principal: Principal) -> None:
        """Return if the principal may open one more; raises TooManyStreams, or Stopping."""
        if self._stopping:
            raise Stopping("This instance stops: connect again.")
        organization = principal.organization_id
        self._check("You have", self._of_principals[_owner(principal)], self._per_principal)
        self._check("The organization has", self._of_organizations[organization], self._per_organization)

    @contextmanager
    def open(self, stream: Stream) -> Iterator[None]:
        """Count a stream for the length of a block; raises TooManyStreams, or Stopping."""
        self.check(stream.principal)
        self._add(stream, 1)
        self._open.add(stream)
        self._empty.clear()
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._open.discard(stream)
            self._add(stream, -1)
            if not self._open:
                self._empty.set()
                self._look.set()

    def look_again(self) -> None:
        """Look at all credentials now: some may just have been revoked."""
        self._look.set()

    async def end_all(self, within: float) -> None:
        """Let no stream begin, have all end, and wait for that, no longer than some seconds."""
        self._stopping = True
        _end(tuple(self._open), Stopping("This instance stops: connect again."))
        if self._open:
            try:
                async with asyncio.timeout(within):
                    await self._empty.wait()
            except TimeoutError:
                log.warning("streams_do_not_end", streams=len(self._open))

    def _check(self, who: str, count: int, most: int) -> None:
        if count >= most:
            raise TooManyStreams(
                f"{who} {most} streams open here: close one.", retry_after=RETRY_AFTER_SECONDS
            )

    def _add(self, stream: Stream, number: int) -> None:
        owner, organization = _owner(stream.principal), stream.principal.organization_id
        self._of_principals[owner] += number
        self._of_organizations[organization] += number
        STREAMS.labels(stream.transport).inc(number)
        self._of_principals, self._of_organizations = +self._of_principals, +self._of_organizations

    async def _watch(self) -> None:
        while self._open:
            try:
                async with asyncio.timeout(self._recheck):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            await self._look_at_all()

    async def _look_at_all(self) -> None:
        """End the streams whose credentials don't hold; all are looked at together, and share reads."""
        groups: dict[object, list[Stream]] = {}
        for stream in self._open:
            groups.setdefault(stream.credentials, []).append(stream)
        faults = await asyncio.gather(*(_fault_of(streams[0]) for streams in groups.values()))
        for streams, error in zip(groups.values(), faults, strict=True):
            if error is not None:
                _end(streams, error)


def _end(streams: Iterable[Stream], error: VivaError) -> None:
    for stream in streams:
        stream.end(error)


def make_streams(settings: GraphqlHttpSettings) -> Streams:
    """None yet, within the settings' limits."""
    return Streams(
        per_principal=settings.graphql_streams_per_principal,
        per_organization=settings.graphql_streams_per_organization,
        recheck=settings.graphql_recheck_seconds,
    )


async def _fault_of(stream: Stream) -> VivaError | None:
    """Why the stream's credentials don't hold any more. What can't be found out now stands."""
    try:
        found = await stream.recognize()
    except (Unauthenticated, Forbidden) as error:
        return error
    except VivaError as error:
        log.warning("streams_not_checked", reason=error.message)
        return None
    except Exception:
        log.exception("streams_not_checked")
        return None
    same = _owner(found) == _owner(stream.principal)
    return None if same else Forbidden("These credentials stand for somebody else now: connect again.")


def _owner(principal: Principal) -> tuple[str, str]:
    return principal.organization_id, principal.id
