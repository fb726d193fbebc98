"""Becomes a command whose process is killed once the one that started it is gone, however it went."""

import os
import sys

from vivavoce.cli.stack.launch import die_with_parent


def tied(*command: str) -> list[str]:
    """The command line that ties a command's process to the thread that starts it; on Linux only."""
    return [sys.executable, __file__, str(os.getpid()), *command]


def main() -> None:
    """Replace this process by the command, unless its parent is gone already."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    die_with_parent("KILL")
    if os.getppid() != parent:
        sys.exit("the parent ended meanwhile")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
