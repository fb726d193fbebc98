"""Progress: how far an answer has come. Best effort: may be dropped, never retried."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from vivavoce.contracts.fact import Fact


class Stage(StrEnum):
    """The stages of a recorded answer, in order."""

    ACCEPTED = "accepted"
    FETCHING = "fetching"
    ANALYSING = "analysing"
    SCORING = "scoring"
    ENDED = "ended"


class PipelineProgress(Fact, type="pipeline.progress"):
    """Emitted while an answer is worked on: its stage, and the share of that stage that is done."""

    partitions = 3
    retention = timedelta(hours=1)
    durable = False

    interview_id: str
    answer_id: str
    stage: Stage
    share: float = Field(ge=0, le=1)
