"""Waits until the system has come to rest, for as long as it gets on, and says what it still waits for."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from tests.chaos.audit import ENDS, expected_events, missing_letters
from tests.chaos.eyes import Ear, dead_letters, outboxes, public_events, results_of, states_of
from tests.chaos.observed import Observed, Poison, Submission
from tests.support.live import LiveStack

LOOK_SECONDS = 3.0
STANDSTILL_SECONDS = 75.0
CALM_LOOKS = 3
"""Glances in a row at which nothing may be waited for; services report their outboxes every 5 seconds."""


@dataclass
class Settling:
    """Looks at what is still open: at everything only when glances find nothing, for that keeps it busy."""

    stack: LiveStack
    ears: Sequence[Ear]
    submissions: Sequence[Submission]
    poison: Sequence[Poison]
    forgot_at: float | None
    say: Callable[[str], None]
    _told: dict[str, int] = field(default_factory=dict)

    async def settle(self, within: float) -> Observed:
        """What is seen once nothing is waited for, nothing gets on any more, or the time is over."""
        begun = changed = monotonic()
        calm = 0
        while monotonic() < min(begun + within, changed + STANDSTILL_SECONDS):
            awaited = self._messages(await self._glance())
            calm = 0 if awaited else calm + 1
            if calm >= CALM_LOOKS:
                seen = await self._everything()
                awaited = self._messages(seen) or self._ends(seen) or self._letters(seen)
                if not awaited:
                    return seen
            if awaited != self._told:
                self._told, changed = awaited, monotonic()
                waits = ", ".join(f"{count} {name}" for name, count in awaited.items())
                self.say(f"{changed - begun:4.0f} s: waiting for {waits or 'calm'}")
            await asyncio.sleep(LOOK_SECONDS)
        return await self._everything()

    def _messages(self, seen: Observed) -> dict[str, int]:
        expected = expected_events(seen)
        missing = [expected - {told.subject for told in one.accepted} for one in seen.listeners]
        rows = sum(map(abs, seen.outboxes.values()))
        return _those_that_count(
            {
                "events": sum(map(len, missing)),
                "deliveries": sum(abs(listener.pending) for listener in seen.listeners),
                "rows in outboxes": round(rows),
                "parts": int(not seen.ready),
            }
        )

    def _ends(self, seen: Observed) -> dict[str, int]:
        return _those_that_count(
            {
                "interviews": sum(state.get("status") not in ENDS for state in seen.states.values()),
                "results": sum(status != 200 for status, _ in seen.results.values()),
            }
        )

    def _letters(self, seen: Observed) -> dict[str, int]:
        return _those_that_count({"dead letters": len(missing_letters(seen))})

    async def _glance(self) -> Observed:
        return Observed(
            submissions=tuple(self.submissions),
            listeners=tuple([await ear.heard() for ear in self.ears]),
            outboxes=await outboxes(self.stack),
            poison=tuple(self.poison),
            forgot_at=self.forgot_at,
            ready=await self.stack.ready(),
        )

    async def _everything(self) -> Observed:
        taken = [one.accepted for one in self.submissions if one.accepted is not None]
        pipelines = [pipeline for answer in taken for _, pipeline in answer.pipelines]
        return dataclasses.replace(
            await self._glance(),
            states=await states_of(self.stack, [answer.interview_id for answer in taken]),
            results=await results_of(self.stack, pipelines),
            on_topics=await public_events(self.stack),
            letters=await dead_letters(self.stack),
        )


def _those_that_count(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
