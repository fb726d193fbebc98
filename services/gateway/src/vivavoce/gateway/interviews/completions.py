"""Ends of interviews as they come: told to whoever follows them here, once the read model can show them."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from vivavoce.chassis.errors import InfrastructureAway, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.subscriptions import Received
from vivavoce.contracts import InterviewCompleted
from vivavoce.gateway.interviews.repository import Interview, Interviews

REMEMBERED = 10_000
QUEUED = 256
MOST_AT_ONCE = 500
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
RESTING_PAUSE = 30.0
"""After this many seconds ends are looked for that no fact told, such as while the broker was away."""

log = get_logger(__name__)


class EndMissed(VivaError):
    """A follower could not be told of an end: it must read what it follows, and follow anew."""

    code = "end_missed"
    status = 503
    retryable = True


class Follower:
    """One that waits for ends: of one interview, or of all of an organization."""

    def __init__(self, organization_id: str, interview_id: str | None) -> None:
        self.organization_id = organization_id
        self.interview_id = interview_id
        self._queue: asyncio.Queue[Interview | None] = asyncio.Queue(QUEUED)
        self._missed: EndMissed | None = None

    def follows(self, organization_id: str, interview_id: str) -> bool:
        """Whether the interview is one that this follower waits for."""
        return self.organization_id == organization_id and self.interview_id in {None, interview_id}

    def tell(self, interview: Interview) -> None:
        """Queue an end; a follower that is too far behind will be told that it missed one."""
        if self._queue.full():
            self.miss(f"More than {QUEUED} ends were not taken: read the interviews, then follow anew.")
        else:
            self._queue.put_nowait(interview)

    def miss(self, message: str) -> None:
        """Have the follower fail once it has taken what is queued."""
        self._missed = EndMissed(message)
        if not self._queue.full():
            self._queue.put_nowait(None)

    @property
    def has_news(self) -> bool:
        """Whether `next` would return, or raise, at once."""
        return not self._queue.empty()

    async def next(self) -> Interview:
        """The next interview that has ended, as the read model shows it; raises EndMissed."""
        if self._queue.empty() and self._missed is not None:
            raise self._missed
        interview = await self._queue.get()
        if interview is None:
            raise self._missed or EndMissed("An end was missed: read it, then follow anew.")
        return interview


@dataclass(frozen=True)
class _Heard:
    """An end that a fact has told: `until` is when it must be readable, by the loop's time."""

    organization_id: str
    until: float


class Completions:
    """Hears of ends, waits until they can be read, and tells each once.

    The fact reaches every instance, the projection one of them. What was heard is therefore read again
    after short, then longer pauses, all of it at once, by one task that there is while anyone follows.
    `changed` hears of each interview whose end a fact told, and again once it was told here.
    """

    def __init__(self, interviews: Interviews, changed: Callable[[str], None], within: float) -> None:
        self._interviews = interviews
        self._changed = changed
        self._within = within
        self._followers: set[Follower] = set()
        self._heard: dict[str, _Heard] = {}
        self._told: OrderedDict[str, None] = OrderedDict()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def hear(self, received: Received[InterviewCompleted]) -> None:
        """Note a fact as it comes off the broker."""
        interview_id = received.fact.interview_id
        if interview_id in self._told:
            return
        until = asyncio.get_running_loop().time() + self._within
        self._heard[interview_id] = _Heard(received.envelope.organization_id, until)
        self._news.set()
        if len(self._heard) > REMEMBERED:
            self._heard.pop(next(iter(self._heard)))
        self._changed(interview_id)

    @contextmanager
    def following(self, organization_id: str, interview_id: str | None = None) -> Iterator[Follower]:
        """Be told of an interview's end, or of those of all of an organization, for the length of a block."""
        follower = Follower(organization_id, interview_id)
        self._followers.add(follower)
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._settle())
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            self._news.set()

    def has_told(self, interview_id: str) -> bool:
        """Whether the end of an interview was told here lately."""
        return interview_id in self._told

    @property
    def followers(self) -> int:
        """How many follow ends here."""
        return len(self._followers)

    async def _settle(self) -> None:
        pause = FIRST_PAUSE
        while self._followers:
            self._news.clear()
            try:
                await self._look()
            except InfrastructureAway as error:
                log.warning("completions_wait", reason=error.message)
            except Exception:
                log.exception("completions_failed")
            waiting = bool(self._wanted())
            pause = min(pause * 2, LONGEST_PAUSE) if waiting else FIRST_PAUSE
            await self._rest(pause if waiting else RESTING_PAUSE, interruptible=not waiting)

    async def _rest(self, seconds: float, *, interruptible: bool) -> None:
        if not interruptible:
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            self._look_for_all()

    def _look_for_all(self) -> None:
        """Have all interviews read whose ends are waited for one by one; none of them is late."""
        for follower in self._followers:
            if follower.interview_id is not None and follower.interview_id not in self._told:
                self._heard.setdefault(follower.interview_id, _Heard(follower.organization_id, 0))

    def _wanted(self) -> list[str]:
        organizations = {each.organization_id for each in self._followers if each.interview_id is None}
        ids = {each.interview_id for each in self._followers}
        return [
            interview_id
            for interview_id, heard in self._heard.items()
            if heard.organization_id in organizations or interview_id in ids
        ][:MOST_AT_ONCE]

    async def _look(self) -> None:
        wanted = self._wanted()
        if wanted:
            found = await self._interviews.interviews.find_in_all_organizations(
                {"id": {"$in": wanted}}, limit=len(wanted)
            )
            for interview in found:
                if interview.completion is not None:
                    self._tell(interview)
        self._give_up(wanted)

    def _tell(self, interview: Interview) -> None:
        self._heard.pop(interview.id, None)
        self._told[interview.id] = None
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        for follower in self._following(interview.organization_id, interview.id):
            follower.tell(interview)
        self._changed(interview.id)

    def _give_up(self, wanted: Sequence[str]) -> None:
        """Forget what is late, and have those fail who waited for it."""
        now = asyncio.get_running_loop().time()
        late = [each for each, heard in self._heard.items() if heard.until < now]
        for interview_id in late:
            heard = self._heard.pop(interview_id)
            if interview_id not in wanted or not heard.until:
                continue
            log.warning("completion_late", interview_id=interview_id)
            for follower in self._following(heard.organization_id, interview_id):
                follower.miss(f"The end of {interview_id} can't be read yet: read it later, or follow anew.")
            self._changed(interview_id)

    def _following(self, organization_id: str, interview_id: str) -> list[Follower]:
        return [each for each in self._followers if each.follows(organization_id, interview_id)]
