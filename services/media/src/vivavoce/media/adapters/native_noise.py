"""Native libraries write notes about themselves to the error stream, past every logging setting."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

ERROR_STREAM = 2
SHOWN_BYTES = 8_192


@contextmanager
def held_back() -> Iterator[None]:
    """Keep what this process writes to its error stream, and show its end only when the work fails."""
    shown = os.dup(ERROR_STREAM)
    with TemporaryFile() as kept:
        os.dup2(kept.fileno(), ERROR_STREAM)
        try:
            yield
        except BaseException:
            kept.seek(max(0, kept.seek(0, os.SEEK_END) - SHOWN_BYTES))
            os.write(shown, kept.read())
            raise
        finally:
            os.dup2(shown, ERROR_STREAM)
            os.close(shown)
