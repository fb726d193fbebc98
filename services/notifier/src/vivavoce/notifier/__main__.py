"""Starts the notifier: `python -m vivavoce.notifier`."""

from vivavoce.chassis.service import run_service
from vivavoce.notifier.app import build
from vivavoce.notifier.settings import NotifierSettings

if __name__ == "__main__":
    run_service(build, NotifierSettings())
