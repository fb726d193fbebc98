"""How many jobs a pool has under way, of which partitions, and whether there is room for another."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic

from vivavoce.chassis.documents import Where
from vivavoce.chassis.job import JOB


@dataclass(frozen=True)
class Running:
    """A run in this process, or a place kept for one, and how many of its partition may be."""

    task: asyncio.Task[None] | None
    partition: str | None
    bound: int
    in_partition: bool = True


class Room(Generic[JOB]):
    """Bounds runs in total and, where there are partitions, of each."""

    def __init__(
        self,
        concurrency: int,
        partition_of: Callable[[JOB], str] | None,
        partition_field: str | None,
        per_partition: int | Callable[[JOB], int],
    ) -> None:
        self._concurrency = concurrency
        self._partition_of = partition_of
        self._partition_field = partition_field
        self._per_partition = per_partition
        self._running: dict[str, Running] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is under way."""
        return [running.task for running in self._running.values() if running.task is not None]

    def reserve(self, job: JOB) -> None:
        """A place is kept for the job, which may begin."""
        self._running[job.id] = Running(None, self._partition(job), self._bound(job))

    def begin(self, job: JOB, task: asyncio.Task[None]) -> None:
        """The job is under way."""
        self._running[job.id] = Running(task, self._partition(job), self._bound(job))

    def settling(self, job: JOB) -> None:
        """The run has ended and is being settled: it still counts, but no longer for its partition."""
        self._running[job.id] = replace(self._running[job.id], in_partition=False)

    def end(self, job: JOB) -> None:
        """The job is no longer under way, or the place isn't needed."""
        del self._running[job.id]

    def is_full(self, chosen: Sequence[JOB]) -> bool:
        """Whether nothing more may run beside what does and what is chosen."""
        return len(self._running) + len(chosen) >= self._concurrency

    def has_place_for(self, job: JOB, chosen: Sequence[JOB]) -> bool:
        """Whether the job's partition has room, and the job isn't under way itself."""
        if job.id in self._running or any(job.id == other.id for other in chosen):
            return False
        return self.has_more_of(job, chosen)

    def has_more_of(self, job: JOB, chosen: Sequence[JOB] = ()) -> bool:
        """Whether the job's partition has room, beside what runs and what is chosen."""
        if self._partition_of is None:
            return True
        partition = self._partition_of(job)
        under_way = sum(running.partition == partition for running in self._in_partitions())
        under_way += sum(self._partition_of(other) == partition for other in chosen)
        return under_way < self._bound(job)

    def but_full(self) -> Where:
        """The condition that leaves out jobs of partitions without room; none where no field tells them."""
        under_way = Counter(running.partition for running in self._in_partitions())
        full = {
            running.partition
            for running in self._in_partitions()
            if under_way[running.partition] >= running.bound
        }
        if self._partition_field is None or not full:
            return {}
        return {self._partition_field: {"$nin": sorted(map(str, full))}}

    def _in_partitions(self) -> list[Running]:
        return [running for running in self._running.values() if running.in_partition]

    def _partition(self, job: JOB) -> str | None:
        return self._partition_of(job) if self._partition_of else None

    def _bound(self, job: JOB) -> int:
        return self._per_partition(job) if callable(self._per_partition) else self._per_partition
