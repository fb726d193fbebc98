"""What media measured in one answer: observables, and the shape of the stored documents."""

from enum import StrEnum

from pydantic import Field

from vivavoce.contracts.fact import Fact, Value
from vivavoce.contracts.recordings import ClaimCheck


class NullReason(StrEnum):
    """Why a value is null instead of a guess."""

    NO_AUDIO = "no_audio"
    SILENT_AUDIO = "silent_audio"
    INSUFFICIENT_SPEECH = "insufficient_speech"
    LOW_ASR_CONFIDENCE = "low_asr_confidence"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    NO_VIDEO = "no_video"
    NO_VISIBLE_FACE = "no_visible_face"
    INSUFFICIENT_FACE_TIME = "insufficient_face_time"
    NOT_CALIBRATED = "not_calibrated"
    UNAVAILABLE = "unavailable"
    DEADLINE_PASSED = "deadline_passed"
    NEVER_ACKNOWLEDGED = "never_acknowledged"
    NOT_TOUCHED = "not_touched"


class Observable(Value):
    """Something measured: `value` in `unit` over [`start`, `end`] seconds, or null with a reason."""

    name: str
    value: float | None
    unit: str
    start: float | None = None
    end: float | None = None
    reason: NullReason | None = None


class MediaFeatures(Fact, type="media.features"):
    """Emitted when an answer's recording has been analysed.

    `transcript` and `face_track` are claim checks of `Transcript` and `FaceTrack` documents.
    `transcript_reason` and `face_reason` say why one is absent or not good enough to be judged.
    """

    interview_id: str
    answer_id: str
    duration: float = Field(ge=0, description="seconds of the recording")
    language: str | None = None
    transcript: ClaimCheck | None = None
    transcript_reason: NullReason | None = None
    face_track: ClaimCheck | None = None
    face_reason: NullReason | None = None
    observables: tuple[Observable, ...] = ()
    models: dict[str, str] = Field(default_factory=dict, description="model or measure to its version")


class Word(Value):
    """One recognized word, with times in seconds and the recognizer's probability 0-1."""

    text: str
    start: float
    end: float
    probability: float = Field(ge=0, le=1)
    filler: bool = False


class Transcript(Value):
    """What was said in one answer: the text as read, and every word with its times."""

    text: str
    language: str | None
    words: tuple[Word, ...] = ()


class FaceSample(Value):
    """One sampled picture at `time` seconds.

    `people` is the detector's count when it ran on this sample, else null. Angles are degrees:
    `yaw` is positive towards the candidate's left, `pitch` positive upwards. `gaze_x` is positive
    towards the candidate's left and `gaze_y` positive upwards, about -1 to 1, uncalibrated.
    `facing` is the calibrated judgement "towards the camera"; null without a face or calibration.
    `blink` and `mouth_open` are 0-1.
    """

    time: float
    visible: bool
    people: int | None = None
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    gaze_x: float | None = None
    gaze_y: float | None = None
    facing: bool | None = None
    blink: float | None = None
    mouth_open: float | None = None


class FacingCamera(Value):
    """What "towards the camera" meant in one answer; units and signs are those of `FaceSample`.

    A face points `yaw + eye_turn * gaze_x` degrees sideways and `pitch + eye_turn * gaze_y` upwards. It
    faces the camera when both are within `tolerance` degrees of what these calibrated values give. From
    a `blink` of `closed_eyes` on, a gaze can't be read.
    """

    yaw: float
    pitch: float
    gaze_x: float
    gaze_y: float
    eye_turn: float
    tolerance: float
    closed_eyes: float


class FaceTrack(Value):
    """The face through one answer: samples in order of time, about `sampling_rate` per second.

    `facing_camera` is what the samples' `facing` was judged by; tracks from before it was kept lack it.
    """

    sampling_rate: float
    duration: float
    calibrated: bool
    samples: tuple[FaceSample, ...] = ()
    facing_camera: FacingCamera | None = None
