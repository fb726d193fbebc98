"""Facts in; signed webhooks out."""
