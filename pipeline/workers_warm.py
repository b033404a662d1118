"""The process that workers are forked from, started before anything that takes long to import, pebble included."""

from __future__ import annotations

import multiprocessing
from multiprocessing.forkserver import ensure_running
from typing import Final

READERS: Final = "pipeline.per_file_warm"


def warm(preload: str) -> None:
    """Begin to import, in the process that workers are forked from, what they will need; this one goes on meanwhile."""
    multiprocessing.get_context("forkserver").set_forkserver_preload([preload])
    ensure_running()
