"""The result of listening to one recording, whatever recognized it."""

from pydantic import BaseModel, ConfigDict, Field

from vivavoce.contracts.features import NullReason, Observable, Transcript


class SpeechAnalysis(BaseModel):
    """What was said, and how, in one recording.

    `transcript` is empty when nothing was said and null when what was said can't be trusted;
    `transcript_reason` then says why, and is null for a transcript that may be judged.
    """

    model_config = ConfigDict(frozen=True)

    transcript: Transcript | None
    transcript_reason: NullReason | None = None
    language: str | None = None
    observables: tuple[Observable, ...] = ()
    models: dict[str, str] = Field(default_factory=dict)
