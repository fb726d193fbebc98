"""Repeats that meet themselves: the Idempotency-Key of draft-ietf-httpapi-idempotency-key-header-07."""
