"""Side-by-side measurements: what the whole system costs beyond its bare parts."""
