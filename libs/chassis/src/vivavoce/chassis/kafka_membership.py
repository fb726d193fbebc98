"""Keeps a group from acknowledging to a broker what it read from another one, which that broker has replaced.

The embedded broker takes acknowledgements of whoever sends them, members of a group or not. One that has
come back without its log would be told of positions in the old one, and once the new log is longer than
that, nobody could tell that the group has never read its beginning. A connection ends with its broker, so
only that over which a group was joined carries its acknowledgements; over another one, it joins again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.errors import UnknownMemberIdError
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.group import SyncGroupRequest

Send = Callable[..., Awaitable[Any]]


def keep_membership(consumer: Any) -> None:
    """Let a started aiokafka consumer acknowledge only to the broker at which it has joined its group."""
    client, coordinator = vars(consumer)["_client"], vars(consumer)["_coordinator"]
    client.send = Membership(client, coordinator).send


class Membership:
    """Sends what one client sends, but no acknowledgement over a connection that knows of no member."""

    def __init__(self, client: Any, coordinator: Any) -> None:
        self._client = client
        self._coordinator = coordinator
        self._send: Send = client.send
        self._joined_over = self._connection(coordinator.coordinator_id)

    async def send(self, node: object, request: Any, **options: Any) -> Any:
        """See `AIOKafkaClient.send`; raises UnknownMemberIdError."""
        if isinstance(request, OffsetCommitRequest):
            await self._check(node)
        answer = await self._send(node, request, **options)
        if isinstance(request, SyncGroupRequest) and not answer.error_code:
            self._joined_over = self._connection(node)
        return answer

    async def _check(self, node: object) -> None:
        ready = await self._client.ready(node, group=ConnectionGroup.COORDINATION)
        if ready and self._connection(node) is not self._joined_over:
            self._coordinator.reset_generation()
            raise UnknownMemberIdError(self._coordinator.group_id)

    def _connection(self, node: object) -> object:
        return vars(self._client)["_conns"].get((node, ConnectionGroup.COORDINATION))
