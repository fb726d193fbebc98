"""What each reason means to the caller who has to do something about it."""

from collections.abc import Iterable
from typing import NamedTuple

from vivavoce.contracts import NullReason, RejectionReason


class Explanation(NamedTuple):
    """What happened, and what to do."""

    message: str
    advice: str


_OURS = "Submit the answer again under a new requestId; if it happens again, tell us the pipelineId."
_ACCESS = "Give an address that answers a plain HTTP GET with 200, such as a fresh signed URL; submit again."
_SERVER = "Check the server that holds the recording, then submit the answer again under a new requestId."
_FILE = "Check that the file plays from beginning to end, then submit the answer again."

EXPLANATIONS: dict[NullReason | RejectionReason, Explanation] = {
    RejectionReason.UNSUPPORTED_SCHEME: Explanation(
        "The recording's address, or one it led to, is neither http nor https.",
        "Give an http:// or https:// address and submit again.",
    ),
    RejectionReason.FORBIDDEN_ADDRESS: Explanation(
        "The recording's address leads to a private network, where nothing is fetched from.",
        "Put the recording where it can be reached publicly, or have the network allowed; submit again.",
    ),
    RejectionReason.UNRESOLVABLE_HOST: Explanation(
        "The host in the recording's address could not be found.", "Correct the host name and submit again."
    ),
    RejectionReason.UNREACHABLE: Explanation("The server with the recording could not be reached.", _SERVER),
    RejectionReason.NOT_FOUND: Explanation("The server said that there is no such recording.", _ACCESS),
    RejectionReason.ACCESS_DENIED: Explanation("The server refused access to the recording.", _ACCESS),
    RejectionReason.SERVER_ERROR: Explanation("The server failed to deliver the recording.", _SERVER),
    RejectionReason.TOO_MANY_REDIRECTS: Explanation(
        "The recording's address redirects too often.", "Give the final address and submit again."
    ),
    RejectionReason.DOWNLOAD_TIMEOUT: Explanation("Fetching the recording took too long.", _SERVER),
    RejectionReason.DOWNLOAD_TOO_LARGE: Explanation(
        "The recording is larger than is accepted.", "Compress or shorten it and submit again."
    ),
    RejectionReason.EMPTY_FILE: Explanation("The recording is an empty file.", _FILE),
    RejectionReason.TRUNCATED: Explanation("The recording ends in the middle of the file.", _FILE),
    RejectionReason.NOT_MEDIA: Explanation(
        "What the address gave is not a recording that can be read, perhaps a web page.", _ACCESS
    ),
    RejectionReason.STILL_PICTURE: Explanation(
        "What the address gave is a still picture, not a recording.", "Give the recording's own address."
    ),
    RejectionReason.TOO_LONG: Explanation(
        "The recording is longer than is accepted.", "Shorten it, or split it over several questions."
    ),
    RejectionReason.RESOLUTION_TOO_HIGH: Explanation(
        "The recording's picture is larger than is accepted.", "Scale it down to 4K or less and submit again."
    ),
    RejectionReason.ANALYSIS_FAILED: Explanation(
        "The recording was fetched, but its analysis failed.", _OURS
    ),
    RejectionReason.TIMEOUT: Explanation("The recording's analysis took longer than it may.", _OURS),
    NullReason.NO_AUDIO: Explanation(
        "The recording has no sound track.", "Check the microphone settings of your recorder."
    ),
    NullReason.SILENT_AUDIO: Explanation(
        "The recording's sound track is silent.",
        "Check that the microphone was on; have the answer repeated.",
    ),
    NullReason.INSUFFICIENT_SPEECH: Explanation(
        "There is too little speech to judge.", "Have the answer repeated with more to say."
    ),
    NullReason.LOW_ASR_CONFIDENCE: Explanation(
        "The speech could not be recognized with enough confidence.",
        "Check the sound, and that the answer is in a language that the recognizer knows.",
    ),
    NullReason.UNSUPPORTED_LANGUAGE: Explanation(
        "The speech is in a language that the recognizer doesn't know.",
        "Ask for a recognizer with this language, or have the answer given in a supported one.",
    ),
    NullReason.NO_VIDEO: Explanation("The recording has no picture.", "Check the camera settings."),
    NullReason.NO_VISIBLE_FACE: Explanation("No face can be seen.", "Check camera and light."),
    NullReason.INSUFFICIENT_FACE_TIME: Explanation(
        "A face can be seen for too short a time.", "Check camera and light."
    ),
    NullReason.NOT_CALIBRATED: Explanation(
        "The first seconds don't show where the camera is.", "Begin the answer looking into the camera."
    ),
    NullReason.UNAVAILABLE: Explanation("This could not be measured.", _OURS),
    NullReason.DEADLINE_PASSED: Explanation("The answer was not ready by the interview's deadline.", _OURS),
    NullReason.NEVER_ACKNOWLEDGED: Explanation("The interview was never taken up for evaluation.", _OURS),
    NullReason.NOT_TOUCHED: Explanation(
        "No sentence was recognized as showing this competency.", "Ask a question that invites to show it."
    ),
}


def explain(reason: NullReason | RejectionReason) -> Explanation:
    """What a reason means to the caller."""
    return EXPLANATIONS[reason]


def messages(codes: Iterable[str | None]) -> dict[str, str]:
    """What each of these reason codes means, by its code."""
    present = set(codes)
    return {str(reason): told.message for reason, told in EXPLANATIONS.items() if reason in present}
