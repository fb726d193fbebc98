"""What proctoring needs from outside: a way to read a face track."""

from typing import Protocol

from vivavoce.contracts import ClaimCheck, FaceTrack


class FaceTracks(Protocol):
    """Where face tracks are kept."""

    async def read(self, claim: ClaimCheck) -> FaceTrack:
        """The track behind a claim check.

        Raises CorruptObject when it is not what the claim says or no face track at all,
        InfrastructureAway when the store doesn't answer.
        """
        ...
