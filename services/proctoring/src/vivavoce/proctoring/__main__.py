"""Starts the proctoring service: `python -m vivavoce.proctoring`."""

from vivavoce.chassis.service import run_service
from vivavoce.proctoring.app import build
from vivavoce.proctoring.settings import ProctoringSettings

if __name__ == "__main__":
    run_service(build, ProctoringSettings())
