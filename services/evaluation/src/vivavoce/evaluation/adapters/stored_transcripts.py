"""Transcripts from the shared object store."""

from pydantic import ValidationError

from vivavoce.chassis.errors import CorruptObject
from vivavoce.chassis.offload import in_thread
from vivavoce.chassis.store import ObjectStore
from vivavoce.contracts import ClaimCheck, Transcript


class StoredTranscripts:
    """Reads transcripts by claim check; the store verifies size and hash."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def read(self, claim: ClaimCheck) -> Transcript:
        """The transcript; raises CorruptObject when the object is none."""
        data = await self._store.get(claim)
        try:
            return await in_thread(Transcript.model_validate_json, data)
        except ValidationError as error:
            raise CorruptObject(
                f"{claim.key} holds no transcript: {error.error_count()} fields don't fit"
            ) from error
