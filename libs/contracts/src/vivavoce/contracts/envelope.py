"""The CloudEvents 1.0 attributes that travel as Kafka headers beside a fact's JSON (binary mode)."""

from datetime import datetime

from vivavoce.contracts.fact import Value

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"


class Envelope(Value):
    """Who said what, when, for whom, and because of what.

    `id` is the same for every copy of one fact, so that receivers recognize a repeat.
    `subject` is the key of the fact. `causation_id` is the id of the message that led to this one.
    """

    id: str
    type: str
    source: str
    time: datetime
    subject: str
    organization_id: str
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None
    version: int = 1

    def to_headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers of CloudEvents' binary content mode, without the absent attributes."""
        attributes = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": self.id,
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_time": self.time.isoformat().replace("+00:00", "Z"),
            "ce_subject": self.subject,
            "content-type": CONTENT_TYPE,
            "ce_organizationid": self.organization_id,
            "ce_correlationid": self.correlation_id,
            "ce_causationid": self.causation_id,
            "ce_traceparent": self.traceparent,
            "ce_dataversion": str(self.version),
        }
        return [(name, value.encode()) for name, value in attributes.items() if value is not None]

    @classmethod
    def from_headers(cls, headers: dict[str, str]) -> "Envelope":
        """Read the attributes back; raises pydantic's ValidationError when a required one is absent."""
        attributes = {
            "id": headers.get("ce_id"),
            "type": headers.get("ce_type"),
            "source": headers.get("ce_source"),
            "time": headers.get("ce_time"),
            "subject": headers.get("ce_subject"),
            "organization_id": headers.get("ce_organizationid"),
            "correlation_id": headers.get("ce_correlationid"),
            "causation_id": headers.get("ce_causationid"),
            "traceparent": headers.get("ce_traceparent"),
            "version": headers.get("ce_dataversion", "1"),
        }
        return cls.model_validate(attributes)
