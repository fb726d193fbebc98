"""Judges: everything in Vivavoce that reasons about text."""
