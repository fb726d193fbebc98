"""What a stack consists of: its processes, and the addresses that they share."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from vivavoce.cli.stack.names import BROKER, KAFKA_BROKERS

Room = Literal["infrastructure", "services", "parts"]


class Process(BaseModel):
    """One process. Those in the room `parts` are started by another process, not by the supervisor.

    `files` are what the process reads, by path. `death_signal` is what it receives when its parent ends.
    `ready_url` answers 200 once it does its work. `start_seconds` is how long it must live to count as
    started, `stop_seconds` how long it may take to end before it is killed.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    room: Room
    command: tuple[str, ...]
    environment: dict[str, str] = {}
    files: dict[str, str] = {}
    death_signal: Literal["TERM", "KILL"] | None = "TERM"
    port: int | None = None
    ready_url: str | None = None
    start_seconds: int = 3
    stop_seconds: int = 12


class Plan(BaseModel):
    """A stack: its processes, and the addresses that its parts share."""

    model_config = ConfigDict(frozen=True)

    base_url: str
    kafka: str
    mongodb: str | None
    processes: tuple[Process, ...]

    def supervised(self) -> tuple[Process, ...]:
        """The processes that the supervisor starts and restarts."""
        return tuple(process for process in self.processes if process.room != "parts")

    def of(self, room: Room) -> tuple[Process, ...]:
        """The processes of one room."""
        return tuple(process for process in self.processes if process.room == room)

    def embeds_broker(self) -> bool:
        """Whether the stack runs a broker of its own."""
        return any(process.name in (BROKER, *KAFKA_BROKERS) for process in self.processes)

    def lacks_topics(self) -> bool:
        """Whether the stack's own broker starts without topics: Apache Kafka's does, the first time."""
        return any(process.name in KAFKA_BROKERS for process in self.processes)
