"""What an operator may turn about the analysis of pictures: models, rates and thresholds."""

from pydantic import BaseModel, ConfigDict, Field


class AnalysisSettings(BaseModel):
    """How a recording is sampled, and from when on a judgement holds.

    Frozen and made of plain values, so that it travels to the processes that do the work. Rates are
    per second of the recording, sizes are pixels, times are seconds, angles are degrees.
    """

    model_config = ConfigDict(frozen=True)

    face_model: str = Field(
        default="", description="Path of the face landmark .task file; empty takes the packaged one."
    )
    people_model: str = Field(
        default="", description="Path of the CenterFace .onnx file; empty takes the packaged one."
    )
    face_rate: float = Field(default=5.0, gt=0, le=30, description="Faces sampled per second of video.")
    people_rate: float = Field(default=1.0, gt=0, le=5, description="People counted per second of video.")
    face_side: int = Field(
        default=480, ge=160, le=1920, description="Longest side in pixels of the pictures that are analysed."
    )
    people_side: int = Field(
        default=480, ge=160, le=1920, description="Longest side in pixels of the pictures that are counted."
    )
    people_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Detector score from which a face counts as a person."
    )
    face_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Score from which the landmark model sees a face."
    )
    vision_threads: int = Field(
        default=1, ge=1, le=16, description="Threads of the people detector in its process."
    )
    decode_threads: int = Field(default=1, ge=1, le=16, description="Threads of the video decoder.")
    calibration_seconds: float = Field(
        default=3.0, gt=0, description="Seconds at an answer's start that say what facing the camera looks like."
    )
