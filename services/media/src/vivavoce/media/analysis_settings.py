"""What an operator may turn about the analysis of pictures: models, rates and thresholds."""

from pydantic import BaseModel, ConfigDict, Field

from vivavoce.chassis.settings import OptionalPath
from vivavoce.media.speech_settings import SpeechSettings


class AnalysisSettings(BaseModel):
    """How a recording is sampled, and from when on a judgement holds.

    Frozen and made of plain values, so that it travels to the processes that do the work. Rates are
    per second of the recording, sizes are pixels, times are seconds, angles are degrees.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    speech: SpeechSettings = Field(default_factory=SpeechSettings, description="How speech is heard.")
    face_model: OptionalPath = Field(
        default=None, description="Face landmark .task file; empty takes the packaged one."
    )
    people_model: OptionalPath = Field(
        default=None, description="CenterFace .onnx file; empty takes the packaged one."
    )
    face_rate: float = Field(default=5.0, ge=1, le=30, description="Faces sampled per second of video.")
    people_rate: float = Field(default=1.0, gt=0, le=5, description="People counted per second of video.")
    face_side: int = Field(
        default=480, ge=160, le=1920, description="Longest side in pixels of the pictures that are analysed."
    )
    people_side: int = Field(
        default=320, ge=160, le=1920, description="Longest side in pixels of the pictures that are counted."
    )
    face_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Score from which the landmark model sees a face."
    )
    people_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Score from which the detector counts a face."
    )
    decode_threads: int = Field(default=1, ge=1, le=16, description="Threads of the video decoder.")
    people_threads: int = Field(default=1, ge=1, le=16, description="Threads of the people detector.")
    niceness: int = Field(
        default=5, ge=0, le=19, description="How far analysis gives way to everything else, as nice does."
    )
    sealed: bool = Field(
        default=True,
        description="Keep the processes that open recordings off the network, and refuse to analyse where "
        "that is impossible; the face landmark library reports its usage to its maker.",
    )
    longest_seconds: float = Field(
        default=3_660.0, gt=0, description="Seconds after which a recording is not read any further."
    )
    calibration_seconds: float = Field(
        default=3.0, gt=0, description="Seconds at the start that show what facing the camera looks like."
    )
    min_face_seconds: float = Field(
        default=2.0, gt=0, description="Seconds of visible face below which nothing about it is measured."
    )
    eye_turn: float = Field(
        default=35.0, gt=0, description="Degrees that the eyes turn from gaze 0 to gaze 1."
    )
    facing_tolerance: float = Field(
        default=15.0, gt=0, description="Degrees off the calibrated direction that still face the camera."
    )
    closed_eyes: float = Field(
        default=0.5, gt=0, le=1, description="Blink score from which a gaze can't be read."
    )
    mouth_open: float = Field(default=0.1, gt=0, le=1, description="Score from which a mouth counts as open.")
    steady_speed: float = Field(
        default=20.0, gt=0, description="Degrees per second up to which a head counts as steady."
    )
