"""Serves chosen local files on loopback for as long as a submission needs them."""

import mimetypes
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from vivavoce.cli.stack.ports import LOOPBACK


class _Files(BaseHTTPRequestHandler):
    """Answers with the files of a table, and with nothing else of the disk."""

    def __init__(self, files: Mapping[str, Path], *arguments: Any) -> None:
        self._files = files
        super().__init__(*arguments)

    def do_GET(self) -> None:  # the base class dictates the name
        """Send the file."""
        path = self._found()
        if path is not None:
            with path.open("rb") as file, suppress(ConnectionError):
                shutil.copyfileobj(file, self.wfile)

    def do_HEAD(self) -> None:
        """Send what describes the file."""
        self._found()

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal belongs to the progress."""

    def _found(self) -> Path | None:
        path = self._files.get(self.path)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        self.send_header("Content-Length", str(path.stat().st_size))
        self.end_headers()
        return path


def _plain_suffix(path: Path) -> str:
    return path.suffix if path.suffix.isascii() and path.suffix[1:].isalnum() else ""


@contextmanager
def served(paths: Sequence[Path]) -> Iterator[list[str]]:
    """The addresses, not to be guessed, of local files for the length of a block.

    No file's name is part of one: clients don't agree on how to write all characters in an address.
    """
    token = secrets.token_urlsafe(16)
    names = [f"/{token}/{number}{_plain_suffix(path)}" for number, path in enumerate(paths, start=1)]
    files = dict(zip(names, paths, strict=True))
    server = ThreadingHTTPServer((LOOPBACK, 0), partial(_Files, files))
    thread = threading.Thread(target=server.serve_forever, name="served-files", daemon=True)
    thread.start()
    try:
        yield [f"http://{LOOPBACK}:{server.server_port}{name}" for name in names]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
