"""Starts the evaluation service: `python -m vivavoce.evaluation`."""

from vivavoce.chassis.service import run_service
from vivavoce.evaluation.app import build
from vivavoce.evaluation.settings import EvaluationSettings

if __name__ == "__main__":
    run_service(build, EvaluationSettings())
