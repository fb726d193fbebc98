"""The embedded stack: broker, database and services as supervised processes on one machine."""
