"""Cancellations that libraries swallow, raised after all: a stopping process must not go on."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cancellation_kept() -> Iterator[None]:
    """Raise CancelledError when the task was cancelled in the block and the block went on or failed.

    Python 3.11's `asyncio.wait_for` swallows a cancellation when what it waits for is done by then,
    and drivers build on it.
    """
    task = asyncio.current_task()
    before = 0 if task is None else task.cancelling()
    try:
        yield
    except Exception as error:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError from error
        raise
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError


def is_cancelled() -> bool:
    """Whether this task was cancelled itself, rather than something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
