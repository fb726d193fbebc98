"""What a command says when it can't do what was asked: one sentence, and the exit code."""

EXIT_FAILED = 1
EXIT_NOT_RUNNING = 3


class CommandFailed(Exception):
    """Ends a command. `message` is one sentence for people: what was wrong and what to do."""

    def __init__(self, message: str, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


class NotRunning(CommandFailed):
    """The command needs the stack, and there is none."""

    def __init__(self, home: object) -> None:
        super().__init__(f"No stack runs in {home}; start one with `viva up`.", EXIT_NOT_RUNNING)
