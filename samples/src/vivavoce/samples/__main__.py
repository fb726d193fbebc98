"""`python -m vivavoce.samples FOLDER` makes the demo interview and prints its manifest as JSON."""

import json
import sys
from pathlib import Path

from vivavoce.samples.interview import make_interview

USAGE = "usage: python -m vivavoce.samples FOLDER"


def main(arguments: list[str]) -> int:
    """Make the interview in the named folder and print its manifest."""
    if len(arguments) != 1:
        sys.stderr.write(USAGE + "\n")
        return 2
    manifest = make_interview(Path(arguments[0]).resolve())
    sys.stdout.write(json.dumps(manifest, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
