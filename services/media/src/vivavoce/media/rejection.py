"""Why a recording is refused, as an error that knows its reason and whether trying again can help."""

from vivavoce.chassis.errors import VivaError
from vivavoce.contracts import RejectionReason


class Rejected(VivaError):
    """The recording can't be used. The message tells its owner what to do; it holds no secret."""

    code = "recording_rejected"
    status = 422

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

    def __reduce__(self) -> tuple[type["Rejected"], tuple[RejectionReason, str]]:
        return type(self), (self.reason, self.message)


class Interrupted(Rejected):
    """The recording couldn't be fetched this time; it may work later."""

    code = "fetch_interrupted"
    retryable = True


class TooSlow(Interrupted):
    """The server sends so slowly that going on where it stopped is no help."""
