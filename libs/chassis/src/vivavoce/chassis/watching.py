"""What a process tells of itself: where its spans go, and what its models' tokens cost."""

from typing import TYPE_CHECKING
from urllib.parse import unquote

from vivavoce.chassis import tracing
from vivavoce.chassis.model_calls import set_prices
from vivavoce.chassis.settings import ServiceSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

EXPORT_SECONDS = 5.0
BATCH_MILLIS = 1_000
LONGEST_VALUE = 256


def configure_watching(settings: ServiceSettings) -> None:
    """Record spans as the settings say; without anywhere to write them to, nothing is loaded for it.

    The SDK writes in a thread of its own, drops spans when that can't keep up, and writes the last when the
    process ends.
    """
    set_prices(settings.model_prices)
    if settings.trace_folder is None and not settings.otel_exporter_otlp_endpoint:
        tracing.use_provider(None)
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import Decision, ParentBased, TraceIdRatioBased

    sampler = TraceIdRatioBased(settings.trace_ratio)
    described = {"service.name": settings.service_name, "service.instance.id": settings.instance_name}
    provider = TracerProvider(
        sampler=ParentBased(sampler),
        resource=Resource.create({"service.namespace": "vivavoce", **described}),
        span_limits=SpanLimits(max_span_attribute_length=LONGEST_VALUE),
    )
    for exporter in _exporters(settings):
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=BATCH_MILLIS))
    taken = Decision.RECORD_AND_SAMPLE
    tracing.use_provider(provider, lambda id_: sampler.should_sample(None, id_, "").decision is taken)


def _exporters(settings: ServiceSettings) -> "list[SpanExporter]":
    exporters: list[SpanExporter] = []
    if settings.trace_folder is not None:
        from vivavoce.chassis.trace_files import FileSpans

        name = f"{settings.service_name}-{settings.instance_name}.jsonl"
        exporters.append(FileSpans(settings.trace_folder / name, settings.trace_file_bytes))
    if settings.otel_exporter_otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        endpoint = f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces"
        headers = _headers(settings.otel_exporter_otlp_headers.get_secret_value())
        exporters.append(OTLPSpanExporter(endpoint, headers=headers, timeout=EXPORT_SECONDS))
    return exporters


def _headers(text: str) -> dict[str, str]:
    """`name=value` pairs with commas between them, as OpenTelemetry's own variable has them."""
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
