"""One run of a campaign at a time: the outputs are held from before a run looks at its inputs until all is in place."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(output: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the outputs of a campaign: no other run writes there, or sends, meanwhile.

    Args:
        output: the campaign's outputs; the folder is made where it is missing.
        waiting: called once if another run holds them.
    """
    output.mkdir(parents=True, exist_ok=True)
    with (output / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # not left to closing: a process forked meanwhile may hold it open
