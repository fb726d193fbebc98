"""Has the running stack's gateway verify its audit log."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from vivavoce.cli.gateway_command import told_by_gateway


class Report(BaseModel):
    """A part of what the gateway tells."""

    model_config = ConfigDict(extra="ignore")


class Break(Report):
    """Where a chain breaks first, and how; `sentence` says it for people."""

    problem: str
    number: int | None
    entry_id: str | None
    sentence: str


class Chain(Report):
    """One organization's chain."""

    organization_id: str
    verified: int
    head_number: int
    head_hash: str
    sealed: bool
    waiting: int
    broken: Break | None


class AuditReport(Report):
    """Every chain that was looked at."""

    chains: tuple[Chain, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong with any of them."""
        return all(chain.broken is None for chain in self.chains)


def verify_audit(
    organization: str | None, known: str | None, *, seal: bool, environment: Mapping[str, str]
) -> AuditReport:
    """What a verification found; raises NotRunning, or CommandFailed when it broke off."""
    command = ["audit"]
    command += ["--organization", organization] if organization is not None else []
    command += ["--known", known] if known is not None else []
    command += ["--seal"] if seal else []
    return told_by_gateway(AuditReport, command, environment)
