"""Tells consumers of other processes on this machine that a topic may have something new for them.

The embedded broker can't keep a consumer waiting for what comes, as Kafka does. So each process listens
on a UDP port of its own, made known by a file in a folder that all share, and whoever has sent a message
says its topic there. A ring is only a hint: what it is lost to is found a little later.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote
from weakref import WeakKeyDictionary

from vivavoce.chassis.log import get_logger
from vivavoce.chassis.settings import ServiceSettings

LOOPBACK = "127.0.0.1"
MOST_BYTES = 249
"""No topic of Kafka has a longer name."""
HIGHEST_PORT = 65_535
_FILE_NAME = re.compile(r"(?P<owner>.+)\.(?P<port>[0-9]{1,5})")

log = get_logger(__name__)


class Doorbell:
    """One process's bell, known in its folder as `service.instance.port`."""

    def __init__(self, folder: Path, *, service_name: str, instance_name: str) -> None:
        self._folder = folder
        self._owner = quote(f"{service_name}.{instance_name}", safe="")
        self._awaited: WeakKeyDictionary[asyncio.Event, frozenset[str]] = WeakKeyDictionary()
        self._socket: socket.socket | None = None
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen, and let the others know; a bell that can't only rings within its process."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._forget_own()
            await self._listen()
            (self._folder / f"{self._owner}.{self._port}").touch()
        except OSError as error:
            log.warning("doorbell_mute", folder=str(self._folder), error=type(error).__name__)

    async def stop(self) -> None:
        """Let the others forget this process, and listen no more."""
        with suppress(OSError):
            self._forget_own()
        if self._transport is not None:
            self._transport.close()
        self._transport = self._socket = None

    def ring(self, topic: str) -> None:
        """Say in all processes that the topic may have something new. Never waits and never fails."""
        self._wake(topic)
        if self._socket is None:
            return
        said = topic.encode()
        with suppress(OSError):
            for port in self._others():
                with suppress(OSError):
                    self._socket.sendto(said, (LOOPBACK, port))

    def next_ring(self, topics: Iterable[str]) -> asyncio.Event:
        """An event that the next ring for one of the topics sets; the bell forgets it when nobody has it."""
        rung = asyncio.Event()
        self._awaited[rung] = frozenset(topics)
        return rung

    async def _listen(self) -> None:
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            own.setblocking(False)
            own.bind((LOOPBACK, 0))
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(self._hear), sock=own)
        except BaseException:
            own.close()
            raise
        # Rings go out past the transport, which would keep what the system doesn't take at once.
        self._socket = own

    @property
    def _port(self) -> int | None:
        return self._socket.getsockname()[1] if self._socket is not None else None

    def _known(self) -> Iterator[tuple[Path, str, int]]:
        for path in self._folder.iterdir():
            found = _FILE_NAME.fullmatch(path.name)
            if found and 0 < int(found["port"]) <= HIGHEST_PORT:
                yield path, found["owner"], int(found["port"])

    def _others(self) -> Iterator[int]:
        own = self._port
        return (port for _, _, port in self._known() if port != own)

    def _forget_own(self) -> None:
        for path, owner, _ in self._known():
            if owner == self._owner:
                path.unlink(missing_ok=True)

    def _hear(self, said: bytes) -> None:
        if len(said) <= MOST_BYTES:
            self._wake(said.decode(errors="replace"))

    def _wake(self, topic: str) -> None:
        for rung, topics in list(self._awaited.items()):
            if topic in topics:
                rung.set()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Pass a ring on."""
        self._hear(data)


def make_doorbell(settings: ServiceSettings) -> Doorbell | None:
    """The bell of a process, or none where consumers needn't be told."""
    if settings.kafka_doorbell_folder is None:
        return None
    return Doorbell(
        settings.kafka_doorbell_folder,
        service_name=settings.service_name,
        instance_name=settings.instance_name,
    )
