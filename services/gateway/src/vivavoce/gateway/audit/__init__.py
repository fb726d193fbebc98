"""Who did what to what: written with what it records, chained right after, verified at any time."""
