"""What tests/test_cluster.py has a cluster do; imported by its workers, which run no pytest."""

from __future__ import annotations

import os
import signal
import sys
import time


class on_path(str):
    """An item that lies at a path."""

    @property
    def path(self) -> str:
        return str(self)


def treat(chunk: list[str], shared: str) -> list[str]:
    return [_treat(item, shared) for item in chunk]


def _treat(item: str, shared: str) -> str:
    what = item.partition(" ")[0]
    if what == "abort":
        os.abort()
    elif what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "raise":
        raise LookupError(item)
    elif what == "slow":
        time.sleep(0.2)
    return shared + item


def lost(item: str, how: str) -> str:
    return f"{item}: {how}"


def everywhere(item: str) -> bool:
    """What a worker's machine says: it runs no pytest."""
    return not item.startswith("only-here") or "pytest" in sys.modules


def nowhere(item: str) -> bool:
    return not item.startswith("gone")
