"""The only door of Vivavoce: it validates, stores, publishes, asks and reads; it never computes."""
