"""One answer's integrity, from the track of its face."""

from vivavoce.contracts import FaceTrack, MediaFeatures, NullReason, ProctoringFeatures, RiskBand
from vivavoce.contracts.recordings import RejectionReason
from vivavoce.proctoring.gaze import looking_away
from vivavoce.proctoring.people import several_people
from vivavoce.proctoring.presence import nobody_visible
from vivavoce.proctoring.risk import band_of, findings
from vivavoce.proctoring.thresholds import RULES_VERSION, Thresholds


def assess(features: MediaFeatures, track: FaceTrack | None, thresholds: Thresholds) -> ProctoringFeatures:
    """The events and the band of one answer; `unavailable` with the reason when nothing was tracked.

    A band that stands without a judgement of gaze says so with the reason `not_calibrated`.
    """
    if track is None or not track.samples:
        reason = features.face_reason or NullReason.UNAVAILABLE
        return unavailable(features.interview_id, features.answer_id, reason)
    found = (
        *nobody_visible(track, thresholds),
        *several_people(track, thresholds),
        *looking_away(track, thresholds),
    )
    return ProctoringFeatures(
        interview_id=features.interview_id,
        answer_id=features.answer_id,
        band=band_of(findings(found)),
        events=tuple(sorted(found, key=lambda event: (event.start, event.kind))),
        reason=None if track.calibrated else features.face_reason or NullReason.NOT_CALIBRATED,
        rules_version=RULES_VERSION,
    )


def unavailable(
    interview_id: str, answer_id: str, reason: NullReason | RejectionReason
) -> ProctoringFeatures:
    """What is said of an answer about which nothing can be known."""
    return ProctoringFeatures(
        interview_id=interview_id,
        answer_id=answer_id,
        band=RiskBand.UNAVAILABLE,
        reason=reason,
        rules_version=RULES_VERSION,
    )
