"""How far an organization's choices for its webhooks may go: the door says so, the notifier holds to it."""

LONGEST_URL = 2048
LONGEST_DESCRIPTION = 500
MOST_SECRET_CHARACTERS = 1024

MOST_RETRIES = 20
SHORTEST_RETRY_DELAY = 1
LONGEST_RETRY_DELAY = 604_800
LONGEST_RETRY_TIME = 30 * 86_400
"""Seconds of all delays together."""

SLOWEST_RATE = 0.01
FASTEST_RATE = 1000.0
MOST_AT_ONCE = 100

LONGEST_KEPT_SECRET = 604_800
SHORTEST_RETENTION_DAYS = 5
LONGEST_RETENTION_DAYS = 90
MOST_ON_A_PAGE = 100
MOST_COUNTED = 10_000
"""Deliveries of an endpoint are counted up to here."""
