"""Starts the media service: `python -m vivavoce.media`."""

from vivavoce.chassis.service import run_service
from vivavoce.media.app import build
from vivavoce.media.settings import MediaSettings

if __name__ == "__main__":
    run_service(build, MediaSettings())
