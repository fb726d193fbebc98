"""How much a caller may ask for in which time."""
