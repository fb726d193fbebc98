"""Stands in for a service under the supervisor: answers /ready on HTTP_PORT; crashes or stays if told to."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ready(BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    if os.environ.get("STAND_IN") == "crash":
        sys.exit("this one never starts")
    if os.environ.get("STAND_IN") == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Ready).serve_forever()


if __name__ == "__main__":
    main()
