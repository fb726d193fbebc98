"""Reads the answers that a query shows: of all its interviews at once, and no more than it shows."""

from collections.abc import Mapping

from strawberry.dataloader import DataLoader

from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.repository import Answer
from vivavoce.gateway.interviews.service import InterviewReader

MOST_TOGETHER = 100
SHOWN_BY: Mapping[str, frozenset[str]] = {
    "features.observables": frozenset({"observables"}),
    "features.models": frozenset(),
    "score.criteria": frozenset({"criteria"}),
    "score.competencies": frozenset({"competencies"}),
    "score.voice": frozenset({"voice"}),
    "score.face": frozenset({"face"}),
    "integrity.events": frozenset({"events", "integrityEventConnection"}),
}
"""The large parts of a stored answer, and the fields that show something of each."""

ANSWERS = frozenset({"answers", "integrityEventConnection"})
"""The fields that show answers."""


def parts_without(names: frozenset[str]) -> tuple[str, ...]:
    """The parts that a document has no use for whose fields have these names, wherever they are."""
    return tuple(part for part, shown_by in SHOWN_BY.items() if not shown_by & names)


class AnswerLoader(DataLoader[str, list[Answer]]):
    """Answers by interview, one read for all interviews of a query.

    `left_out` is what isn't read of them, `wanted` whether the query shows any.
    """

    def __init__(self, reader: InterviewReader, principal: Principal) -> None:
        super().__init__(load_fn=self._read, max_batch_size=MOST_TOGETHER)
        self._reader = reader
        self._principal = principal
        self.left_out: tuple[str, ...] = ()
        self.wanted = False

    def shape(self, names: frozenset[str]) -> None:
        """Read what a document shows that has fields of these names."""
        self.left_out, self.wanted = parts_without(names), bool(names & ANSWERS)

    async def read_ahead(self, interview_ids: list[str]) -> None:
        """Read the answers of a list's interviews if they are going to be shown: each is at hand then."""
        if self.wanted:
            await self.load_many(interview_ids)

    def at_hand(self, interview_id: str) -> list[Answer] | None:
        """The answers that have been read; None while they have not."""
        found = self.cache_map.get(interview_id)
        if found is None or not found.done() or found.exception() is not None:
            return None
        return found.result()

    async def _read(self, interview_ids: list[str]) -> list[list[Answer]]:
        by_interview: dict[str, list[Answer]] = {each: [] for each in interview_ids}
        for answer in await self._reader.answers(self._principal, interview_ids, self.left_out):
            by_interview[answer.interview_id].append(answer)
        return [by_interview[each] for each in interview_ids]
