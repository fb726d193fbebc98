"""What an analysis says about one recording, before it is stored and published."""

from pydantic import Field

from vivavoce.contracts import FaceTrack, NullReason, Observable, Transcript, Value


class Analysis(Value):
    """Everything measured in one recording of `duration` seconds.

    `transcript` and `face_track` are null when there is nothing to read; `transcript_reason` and
    `face_reason` then say why, and may also mark one that is present but not good enough to judge.
    `models` maps each model or measure to its version.
    """

    duration: float = Field(ge=0, description="seconds of the recording")
    language: str | None = None
    transcript: Transcript | None = None
    transcript_reason: NullReason | None = None
    face_track: FaceTrack | None = None
    face_reason: NullReason | None = None
    observables: tuple[Observable, ...] = ()
    models: dict[str, str] = Field(default_factory=dict)
