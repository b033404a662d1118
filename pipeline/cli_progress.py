"""How far a command is: a bar on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys

from schemas.words import word


class Progress:
    """A bar on a terminal; nothing anywhere else."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._bar: object = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich import progress
            from rich.console import Console

            columns = (
                progress.TextColumn("{task.description}"), progress.BarColumn(), progress.MofNCompleteColumn(),
                progress.TimeElapsedColumn(),
            )  # fmt: skip
            self._bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()  # type: ignore[attr-defined]

    def step(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is; a total of 0 means that it cannot be told."""
        if self._bar is not None:
            text = word(f"cli_{stage}", self._language)
            self._bar.update(self._task, description=text, completed=done, total=total or None)  # type: ignore[attr-defined]
