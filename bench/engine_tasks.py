"""What bench/engines.py has a cluster do: read chunks of files, and jobs one of which aborts its process."""

from __future__ import annotations

import multiprocessing
import os
import time
from typing import Any

from pipeline.intake import Arrival
from pipeline.per_file import ReadingContext, read_many
from pipeline.workers import Workers

BAD = 20
KEPT: list[Workers] = []


def nothing(_: str) -> None:
    return None


def read(task: tuple[list[Arrival], ReadingContext]) -> Any:
    return read_many(*task)


def perhaps(number: int) -> int:
    time.sleep(0.02)
    if number == BAD:
        os.abort()
    return number


def perhaps_apart(number: int) -> int | None:
    """The same in a process that the engine's worker keeps for it, as the per-file part is run."""
    if not KEPT:
        multiprocessing.current_process()._config.pop("daemon", None)  # Dask's workers may not have children else
        KEPT.append(Workers(1, "pipeline.per_file"))
    return next(KEPT[0].map_chunks(all_perhaps, [number], None, none))[0]


def all_perhaps(numbers: list[int], _: None) -> list[int | None]:
    return [perhaps(number) for number in numbers]


def none(*_: object) -> None:
    return None
