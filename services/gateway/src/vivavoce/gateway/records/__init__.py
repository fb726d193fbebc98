"""The records family: submit a recorded interview, follow it, and read its results."""
