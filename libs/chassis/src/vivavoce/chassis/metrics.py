"""What delivery looks like from outside, in Prometheus' default registry."""

from prometheus_client import Counter, Gauge, Histogram

HANDLED = Counter(
    "viva_consumed_total",
    "Messages settled by a consumer: handled, repeated, failed, undecodable or ignored.",
    ("group", "topic", "outcome"),
)
RETRIES = Counter(
    "viva_consume_retries_total",
    "Tries after which a message waited for another.",
    ("group", "topic", "code"),
)
DEAD_LETTERS = Counter("viva_dead_letters_total", "Messages put aside for an operator.", ("group", "topic"))
DEAD_LETTERS_OPEN = Gauge(
    "viva_dead_letters_open", "Dead letters that were neither redriven nor discarded.", ("topic",)
)
HANDLER_SECONDS = Histogram(
    "viva_handler_seconds",
    "Seconds from a message's first try to its settlement.",
    ("group", "topic"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1200),
)
HANDED_BACK = Counter(
    "viva_handed_back_total", "Messages given back to the broker un-acknowledged.", ("group", "reason")
)
OUTBOX_PENDING = Gauge("viva_outbox_pending", "Outbox rows that are not published yet.")
OUTBOX_OLDEST = Gauge("viva_outbox_oldest_seconds", "Age of the oldest outbox row that is not published yet.")
OUTBOX_REFUSED = Gauge(
    "viva_outbox_refused", "Outbox rows set aside because the broker refuses them for good."
)
RELAYED = Counter("viva_relayed_total", "Outbox rows acknowledged by the broker.", ("topic",))
RELAY_FAILURES = Counter("viva_relay_failures_total", "Sends of outbox rows that failed.", ("topic",))
RELAY_REFUSALS = Counter(
    "viva_relay_refused_total",
    "Outbox rows that the broker refused for good, such as for their size.",
    ("topic",),
)
RESENT = Counter("viva_relay_resent_total", "Outbox rows sent again after the broker forgot its log.")
PROGRESS_DROPPED = Counter(
    "viva_best_effort_dropped_total", "Best-effort facts that were dropped.", ("topic",)
)
ASKED = Counter("viva_asked_total", "Questions asked, by how they ended.", ("type", "outcome"))
ASK_SECONDS = Histogram("viva_ask_seconds", "Seconds from a question to its answer.", ("type",))
ANSWER_SECONDS = Histogram(
    "viva_answer_seconds", "Seconds that a question was worked on by whoever answered it.", ("type",)
)
ANSWERED = Counter("viva_answered_total", "Questions answered, by how they ended.", ("type", "outcome"))
BREAKER_STATE = Gauge(
    "viva_breaker_state",
    "Circuit breakers of outside providers: 0 closed, 1 half open, 2 open.",
    ("name",),
)
BREAKER_CHANGES = Counter(
    "viva_breaker_changes_total", "Changes of breakers, by what they became.", ("name", "state")
)
BREAKER_REJECTED = Counter(
    "viva_breaker_rejected_total", "Calls that were not made because a breaker was open.", ("name",)
)
