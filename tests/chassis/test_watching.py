"""What a process does with its spans: nothing, a file, or a collector."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr

from vivavoce.chassis import tracing
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.watching import configure_watching

PROCESS = """
import sys
from vivavoce.chassis import tracing
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.watching import configure_watching
configure_watching(ServiceSettings())
with tracing.span("work"):
    pass
print("opentelemetry.sdk.trace" in sys.modules)
"""


class Collector:
    """A collector on this machine, which remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None, bytes]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.requests.append((self.path, self.headers["x-key"], body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    serving = Thread(target=made.server.serve_forever, daemon=True)
    serving.start()
    yield made
    made.server.shutdown()
    serving.join()
    made.server.server_close()


def run(**environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", PROCESS],
        env={"SERVICE_NAME": "media", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ran.stdout.strip()


def test_a_process_that_writes_spans_nowhere_does_not_even_load_what_records_them() -> None:
    assert run() == "False"


def test_the_last_spans_are_written_when_the_process_ends(tmp_path: Path) -> None:
    assert run(TRACE_FOLDER=str(tmp_path), TRACE_RATIO="1", INSTANCE_NAME="7") == "True"
    assert '"name":"work"' in (tmp_path / "media-7.jsonl").read_text()


def test_a_ratio_of_nothing_records_nothing(tmp_path: Path) -> None:
    run(TRACE_FOLDER=str(tmp_path), TRACE_RATIO="0")
    assert list(tmp_path.iterdir()) == []


def test_a_collector_gets_spans_by_otlp(collector: Collector) -> None:
    run(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACE_RATIO="1", OTEL_EXPORTER_OTLP_HEADERS="x-key=k%201")
    ((path, key, body),) = collector.requests
    assert (path, key) == ("/v1/traces", "k 1")
    (told,) = ExportTraceServiceRequest.FromString(body).resource_spans
    names = {each.key: each.value.string_value for each in told.resource.attributes}
    assert names["service.name"] == "media"
    assert names["service.instance.id"] == "1"
    assert [span.name for span in told.scope_spans[0].spans] == ["work"]


def test_spans_can_be_switched_off_again(tmp_path: Path) -> None:
    configure_watching(ServiceSettings(trace_folder=tmp_path))
    assert tracing.is_on()
    configure_watching(ServiceSettings(otel_exporter_otlp_headers=SecretStr("a=b")))
    assert not tracing.is_on()
