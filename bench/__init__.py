"""Measurements: what the whole system costs beyond its bare parts, and what it holds."""
