"""Reads the answers that a query shows: of all its interviews at once."""

from strawberry.dataloader import DataLoader

from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.repository import Answer
from vivavoce.gateway.interviews.service import InterviewReader

MOST_TOGETHER = 100
SHOW_ANSWERS = frozenset({"answers", "integrityEventConnection"})
"""The fields that show answers."""


class AnswerLoader(DataLoader[str, list[Answer]]):
    """Answers by interview, one read for all interviews of a query; `wanted` says whether it shows any."""

    def __init__(self, reader: InterviewReader, principal: Principal) -> None:
        super().__init__(load_fn=self._read, max_batch_size=MOST_TOGETHER)
        self._reader = reader
        self._principal = principal
        self.wanted = False

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
        for answer in await self._reader.answers(self._principal, interview_ids):
            by_interview[answer.interview_id].append(answer)
        return [by_interview[each] for each in interview_ids]
