"""What the limits do, in Prometheus' default registry."""

from prometheus_client import Counter

DECISIONS = Counter(
    "viva_limit_decisions_total", "Requests by limit, and whether it admitted them.", ("tier", "outcome")
)
REPORTS = Counter(
    "viva_limit_reports_total", "Batches of uses that this instance has told the others.", ("tier",)
)
STORE_FAILURES = Counter(
    "viva_limit_store_failures_total",
    "Times that the shared counts didn't answer and the limits were kept by each instance alone.",
)
