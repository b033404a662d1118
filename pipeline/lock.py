"""One run of a campaign at a time: the outputs are held from before a run looks at its inputs until all is in place."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_NAME: Final = ".lock"
_SECONDS: Final = 0.1  # between two looks whether the outputs are free


@contextmanager
def held(output: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the outputs of a campaign: no other run writes there, or sends, meanwhile.

    Args:
        output: the campaign's outputs; a folder that was missing is made, and goes again where all that follows fails.
        waiting: called once if another run holds them.
    """
    is_new = not output.exists()
    with _locked(output, waiting) as file:
        try:
            yield
        except BaseException:
            if is_new and os.listdir(output) == [_NAME]:
                (output / _NAME).unlink()
                output.rmdir()
            raise
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # not left to closing: a process forked meanwhile may hold it open


@contextmanager
def _locked(output: Path, waiting: Callable[[], None]) -> Iterator[IO[str]]:
    """Open and lock the file that stands for the outputs; anew where it went away while it was waited for."""
    while True:
        output.mkdir(parents=True, exist_ok=True)
        with (output / _NAME).open("a") as file:
            if not _is_got(file):
                waiting()
                while not _is_got(file):  # a wait without end would miss a Ctrl-C that comes in the moment it begins
                    time.sleep(_SECONDS)
            if _is_still(output / _NAME, file):
                yield file
                return


def _is_got(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
