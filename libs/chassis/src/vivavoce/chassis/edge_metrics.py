"""What the edges of a process look like from outside, in Prometheus' default registry.

No label takes its values from callers: routes are templates, methods and models those that are known.
"""

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter(
    "viva_http_requests_total",
    "Requests by route template, method and class of the answer: 2xx to 5xx, or aborted.",
    ("route", "method", "status"),
)
HTTP_SECONDS = Histogram(
    "viva_http_seconds",
    "Seconds from a request's first byte to its whole answer; of an event stream, to its beginning.",
    ("route", "method"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CONSUMER_LAG = Gauge(
    "viva_consumer_lag",
    "Messages of a partition that its consumer, which is in this process, has not taken yet.",
    ("group", "topic", "partition"),
)
MODEL_CALLS = Counter(
    "viva_model_calls_total",
    "Calls of models by how they ended: ok, or the kind of error.",
    ("operation", "provider", "model", "outcome"),
)
MODEL_SECONDS = Histogram(
    "viva_model_seconds",
    "Seconds that a call of a model took.",
    ("operation", "provider", "model"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1200),
)
MODEL_TOKENS = Counter(
    "viva_model_tokens_total",
    "Tokens that language models were given (input) and gave (output).",
    ("provider", "model", "direction"),
)
MODEL_DOLLARS = Counter(
    "viva_model_cost_dollars_total",
    "What those tokens cost by the price table, in US dollars; models without a price cost nothing here.",
    ("provider", "model"),
)
