"""The numbers that decide when a state becomes an event; each can be changed by a setting."""

from dataclasses import dataclass

RULES_VERSION = "integrity-2"
LONG_DWELL = 10.0
"""Seconds: one event longer than this is a finding by itself."""
REPEATED = 2
"""This many events of one kind are a finding, however short each is."""


@dataclass(frozen=True)
class Thresholds:
    """Seconds a state must last to be an event, and gaps shorter than which it counts as unbroken."""

    nobody_dwell: float = 2.0
    people_dwell: float = 1.5
    away_dwell: float = 2.0
    bridge: float = 1.0
