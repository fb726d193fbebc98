"""Shows how far each answer has come: bars in a terminal, lines elsewhere."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from vivavoce.cli.console import plain
from vivavoce.cli.following import reach
from vivavoce.cli.views import AnswerState, InterviewState

LONGEST_TITLE = 40


class Display(Protocol):
    """Somewhere to show progress."""

    def show(self, state: InterviewState) -> None:
        """Show a state."""
        ...


def show_until_ended(
    states: Iterable[InterviewState], titles: Mapping[str, str], console: Console
) -> InterviewState:
    """Show every state; returns the last one. `titles` gives each question id a text."""
    if not console.is_terminal:
        return _shown(states, Lines(console, titles))
    with _bars(console) as progress:
        return _shown(states, Bars(progress, titles))


def _shown(states: Iterable[InterviewState], display: Display) -> InterviewState:
    last: InterviewState | None = None
    for last in states:
        display.show(last)
    if last is None:
        raise ValueError("an interview has at least one state")
    return last


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[stage]:<12}"),
        TextColumn("{task.fields[stage_share]:>4}"),
        TimeElapsedColumn(),
        console=console,
    )


class Bars:
    """One bar per answer over all stages, with the stage's name and the share of it that is done."""

    def __init__(self, progress: Progress, titles: Mapping[str, str]) -> None:
        self._progress = progress
        self._titles = titles
        self._tasks: dict[str, TaskID] = {}

    def show(self, state: InterviewState) -> None:
        """Move the bars."""
        for answer in state.answers:
            if answer.pipeline_id not in self._tasks:
                self._tasks[answer.pipeline_id] = self._progress.add_task(
                    _title(answer, self._titles), total=1.0, stage="", stage_share=""
                )
            self._progress.update(
                self._tasks[answer.pipeline_id],
                completed=reach(answer),
                stage=answer.stage.value,
                stage_share=f"{answer.share:.0%}",
            )


class Lines:
    """One line per answer and stage."""

    def __init__(self, console: Console, titles: Mapping[str, str]) -> None:
        self._console = console
        self._titles = titles
        self._shown: set[tuple[str, str]] = set()

    def show(self, state: InterviewState) -> None:
        """Print what is new."""
        for answer in state.answers:
            if (answer.pipeline_id, answer.stage.value) not in self._shown:
                self._shown.add((answer.pipeline_id, answer.stage.value))
                self._console.print(f"{_title(answer, self._titles)}: {answer.stage.value}", markup=False)


def _title(answer: AnswerState, titles: Mapping[str, str]) -> str:
    title = titles.get(answer.question_id, "")
    shortened = title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
    return plain(f"{answer.question_id} {shortened}".strip())
