"""The settings of the proctoring service."""

from pydantic import Field

from vivavoce.chassis.settings import ServiceSettings
from vivavoce.proctoring.thresholds import Thresholds


class ProctoringSettings(ServiceSettings):
    """How long a state must last before it is reported as an event."""

    service_name: str = Field(default="proctoring", description="Name in logs, events and consumer groups.")
    mongodb_database: str = Field(
        default="viva_proctoring", description="Name of the service's own database."
    )
    nobody_dwell: float = Field(
        default=2.0, gt=0, description="Seconds without a face before `nobody_visible` is reported."
    )
    people_dwell: float = Field(
        default=1.5,
        gt=0,
        description="Seconds with more than one person before `several_people` is reported.",
    )
    away_dwell: float = Field(
        default=2.0, gt=0, description="Seconds not facing the camera before `looking_away` is reported."
    )
    event_gap: float = Field(
        default=1.0, ge=0, description="Events of one kind closer together than this many seconds are one."
    )

    def thresholds(self) -> Thresholds:
        """The same numbers, as the rules take them."""
        return Thresholds(
            nobody_dwell=self.nobody_dwell,
            people_dwell=self.people_dwell,
            away_dwell=self.away_dwell,
            bridge=self.event_gap,
        )
