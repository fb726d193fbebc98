"""`python -m bench.tied COMMAND …` becomes the command, and is killed when whoever started it ends."""

import os
import sys

from vivavoce.cli.stack.launch import die_with_parent

if __name__ == "__main__":
    die_with_parent("KILL")
    os.execv(sys.argv[1], sys.argv[1:])
