"""GraphQL as operators see it: operations by type and outcome, and streams that are open."""

from collections.abc import Iterator

from prometheus_client import Counter, Gauge
from strawberry.extensions import SchemaExtension

OPERATIONS = Counter(
    "viva_graphql_operations_total",
    "GraphQL operations by type (query, mutation, subscription, unknown) and outcome (ok, errors, refused).",
    ("operation", "outcome"),
)
STREAMS = Gauge("viva_graphql_streams", "GraphQL streams that are open here, by transport.", ("transport",))
STREAMS_ENDED = Counter(
    "viva_graphql_streams_ended_total",
    "GraphQL streams that were ended from this side, by the error's code.",
    ("code",),
)


class OperationMetrics(SchemaExtension):
    """Counts an operation when it is over; never by a name that callers choose."""

    def on_operation(self) -> Iterator[None]:
        """Count, whatever it came to."""
        try:
            yield
        finally:
            OPERATIONS.labels(self._operation(), self._outcome()).inc()

    def _operation(self) -> str:
        try:
            return self.execution_context.operation_type.value
        except RuntimeError:
            return "unknown"

    def _outcome(self) -> str:
        context = self.execution_context
        if context.result is None:
            return "refused" if context.pre_execution_errors or self._operation() == "unknown" else "ok"
        return "errors" if getattr(context.result, "errors", None) else "ok"
